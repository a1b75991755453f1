/**
 * A directory of groups as the application of a chat client (directory §3). Each event is handled in the transaction in which it happened, so state
 * and answers are one commit and each event is handled once. Memory (the search index, counters) follows when the step is durable.
 */
import { type Clock, CodedError } from '@polyplex/base';
import type { Admission, ChatApplication, ChatEvent, ChatReading, ChatStep, JoinRequest } from '@polyplex/chat';
import { randomBytes } from '@polyplex/crypto';
import { StoreError } from '@polyplex/store-contract';
import { silentLogger } from '@polyplex/telemetry';
import { type AdminCounts, type AdminRights, adminRights, countAdmins, rememberAdmins } from './admins.ts';
import { BlockedNames } from './admission/blocked-names.ts';
import { CaptchaDelivery } from './admission/captcha-delivery.ts';
import { onCaptchaMade } from './admission/captcha-made.ts';
import { randomCaptchaText } from './admission/captcha-text.ts';
import { decide } from './admission/decide.ts';
import { beginLinkChecks, hurryLinkChecks, planLinkChecks } from './channels/link-check-plan.ts';
import { handleEvent } from './handle-event.ts';
import { AskerLimits } from './limits/asker-limits.ts';
import { CARD_MEMORY_MS, checkOptions, type DirectoryOptions, SEARCH_MEMORY_MS } from './options.ts';
import { DirectoryRecords, SALT_BYTES } from './records/directory-records.ts';
import { sendUnsent } from './registration/notices.ts';
import type { RegistrationState } from './registration/states.ts';
import { SearchIndex } from './search/search-index.ts';
import { DirectoryStats } from './stats.ts';
import type { Parts, Turn } from './turn.ts';

/** `Chat.change`: a step of its own, durable when it resolves. */
export type ChangeChat = (work: (step: ChatStep) => void) => Promise<void>;

export class Directory implements ChatApplication {
  readonly stats = new DirectoryStats();
  readonly #parts: Parts;
  #isLoaded = false;
  #listingChanged: (() => void) | null = null;

  /** Throws `DirectoryError` OPTIONS. */
  constructor(options: DirectoryOptions) {
    checkOptions(options);
    this.#parts = {
      options,
      index: new SearchIndex(),
      stats: this.stats,
      limits: new AskerLimits(),
      admission: { blocked: new BlockedNames(options.blocked ?? {}), captchaText: options.captchaText ?? randomCaptchaText, delivery: null },
      unsent: new Set(),
      onListingChanged: () => this.#listingChanged?.(),
    };
  }

  /**
   * Before the chat client starts, in a step of its own: reads what search needs. What is not loaded so is loaded with the first event.
   * Throws `DirectoryError` FORMAT where a newer version wrote the records.
   */
  load(step: ChatStep): void {
    const records = new DirectoryRecords(step.records);
    records.prepare(() => randomBytes(SALT_BYTES));
    rememberAdmins(this.#parts.options, step);
    const registrations = records.registrations();
    for (const registration of registrations) {
      const group = step.group(registration.groupId);
      if (group !== undefined) this.#parts.index.set(registration, group);
    }
    planLinkChecks(this.#parts.options, records, { registrations, now: step.now });
    this.#isLoaded = true;
  }

  /** What was made outside of steps comes back by `change`. Without it, captchas are text. */
  attach(change: ChangeChat, clock: Clock): void {
    const { admission, options } = this.#parts;
    if (options.generators === undefined) return;
    admission.delivery = new CaptchaDelivery(options.generators, clock, async (job, result) => {
      try {
        await change((step) => this.#guarded(step, (turn) => onCaptchaMade(turn, job, result)));
      } catch (error) {
        // The client is closing: who waits is sent a new captcha for their next message.
        this.#log.warn('a captcha was made and could not be sent', { code: error instanceof CodedError ? String(error.code) : 'unknown' });
      }
    });
  }

  /** Resolves when no captcha is being made any more. */
  async settled(): Promise<void> {
    await this.#parts.admission.delivery?.settled();
  }

  /** Groups that the web listing is of, ascending. */
  listed(): readonly number[] {
    return this.#parts.index.inState('active');
  }

  /** Called when the web listing is not what it was; must not throw. */
  onListingChanged(listener: () => void): void {
    this.#listingChanged = listener;
  }

  onEvent(event: ChatEvent, step: ChatStep): void {
    this.#guarded(step, (turn) => handleEvent(turn, event));
  }

  admit(request: JoinRequest, step: ChatStep): Admission {
    const turn = this.#turn(step);
    const { admission, outcome } = decide(
      { options: turn.options, blocked: turn.admission.blocked, settings: turn.records.settings(request.group.groupId) }, request,
    );
    step.afterwards(() => this.stats.joins.add(outcome));
    return admission;
  }

  /** Now and then, in a step of its own: forgets searches that nobody can go on with, tells what became of groups that changed too often, knows administrators again. */
  sweep(step: ChatStep): void {
    this.#guarded(step, (turn) => {
      turn.records.removeSearchesBefore(step.now - SEARCH_MEMORY_MS);
      turn.records.removeCardsBefore(step.now - CARD_MEMORY_MS);
      sendUnsent(turn);
      rememberAdmins(turn.options, step);
    });
  }

  /** Every few seconds, in a step of its own: reads some links of channels again that are due. */
  checkLinks(step: ChatStep): void {
    this.#guarded(step, beginLinkChecks);
  }

  /** The links of all channels are due now, for `checkLinks` to begin in turn: how many; null where they are not read again. */
  hurryLinkChecks(step: ChatStep): number | null {
    return hurryLinkChecks(this.#turn(step));
  }

  /** Registrations by state, for gauges. */
  registrationCounts(): ReadonlyMap<RegistrationState, number> {
    return this.#parts.index.counts();
  }

  /** Since when the registration waits for approval that has waited for longest, Unix milliseconds; null where none does. */
  oldestPending(): number | null {
    return this.#parts.index.longestIn('pending_approval');
  }

  /** How the administrators of the settings stand, with their names: for the operator alone. */
  admins(step: ChatStep): readonly AdminRights[] {
    return adminRights(this.#parts.options, step);
  }

  /** The same in numbers. */
  adminCounts(reading: Pick<ChatReading, 'contact'>): AdminCounts {
    return countAdmins(this.#parts.options, reading);
  }

  get #log() {
    return this.#parts.options.log ?? silentLogger;
  }

  #turn(step: ChatStep): Turn {
    if (!this.#isLoaded) this.load(step);
    return { ...this.#parts, step, records: new DirectoryRecords(step.records) };
  }

  /** A bug must not stop the bot for everybody: the event is passed over. Where the store fails, the step has failed. */
  #guarded(step: ChatStep, work: (turn: Turn) => void): void {
    try {
      work(this.#turn(step));
    } catch (error) {
      if (error instanceof StoreError) throw error;
      step.afterwards(() => this.stats.faults.add());
      this.#log.error('an event could not be handled', { error: error instanceof Error ? error.name : 'unknown' });
    }
  }
}
