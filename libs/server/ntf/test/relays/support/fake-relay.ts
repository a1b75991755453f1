/**
 * A relay played by the test, at the level of commands and answers: who is subscribed to which notifier, which are in the
 * service, and whatever odd answer a test wants.
 */
import { EMPTY_BYTES, equalBytes, idKey, type IdKey } from '@polyplex/base';
import { type BatchedRequest, type ClientServiceSession, type SmpClient, SmpClientError, type SmpEventHandler } from '@polyplex/client';
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import type { CloseReason } from '@polyplex/protocol-common';
import type { SmpReply } from '@polyplex/protocol-smp';
import type { ConnectRelay, RelayTarget } from '../../../src/relays/deps.ts';

export type FakeAnswer = SmpReply | SmpClientError | null;

const sessionKeys = generateKeyPair('ed25519');

export class FakeRelay {
  /** Notifiers that exist; others are refused with AUTH. */
  readonly notifiers = new Set<IdKey>();
  readonly subscribed = new Map<IdKey, FakeSession>();
  readonly associated = new Set<IdKey>();
  readonly sessions: FakeSession[] = [];
  /** NSUBs by session, in the order of coming. */
  nsubs = 0;
  /** Null: does not know services. */
  serviceId: Uint8Array | null = null;
  serviceSession: FakeSession | null = null;
  /** Why nobody can connect now. */
  down: SmpClientError | null = null;
  /** What it says instead of the usual; undefined: the usual. */
  odd: (request: BatchedRequest, session: FakeSession) => FakeAnswer | undefined = () => undefined;
  /** When answers come: at once (a turn later), or when a test lets them. */
  held: (() => void)[] | null = null;
  /** More than one for one address: the test decides where it leads to. */
  readonly connect: ConnectRelay = (target) => this.accept(target);
  /** Told of each batch: of its beginning and, negative, of its end. */
  onBatch: (commands: number) => void = () => undefined;

  async accept({ onEvent, withService, signal }: RelayTarget): Promise<SmpClient> {
    await turn();
    if (signal.aborted) throw new SmpClientError('CLOSED', 'the attempt was given up');
    if (this.down !== null) throw this.down;
    const session = new FakeSession(this, onEvent, withService && this.serviceId !== null ? this.serviceId : null);
    this.sessions.push(session);
    return session;
  }

  get last(): FakeSession {
    return this.sessions.at(-1)!;
  }

  get open(): FakeSession[] {
    return this.sessions.filter(({ isOpen }) => isOpen);
  }

  /** A message came for the queue: who is subscribed hears of it. */
  notify(notifierId: Uint8Array, nonce: Uint8Array = randomBytes(24)): boolean {
    const key = idKey(notifierId);
    const session = this.subscribed.get(key) ?? (this.associated.has(key) ? this.serviceSession : null);
    if (session === null || !session.isOpen) return false;
    session.say(notifierId, { tag: 'NMSG', nonce, encMeta: randomBytes(144) });
    return true;
  }

  answer(request: BatchedRequest, session: FakeSession): FakeAnswer {
    const odd = this.odd(request, session);
    if (odd !== undefined) return odd;
    const { tag } = request.command;
    if (tag === 'NSUB') return this.nsub(request, session);
    if (tag === 'NSUBS') return this.nsubsOf(session);
    return { tag: 'ERR', error: { type: 'CMD', error: 'UNKNOWN' } };
  }

  private nsub({ entityId, asService }: BatchedRequest, session: FakeSession): SmpReply {
    this.nsubs++;
    const key = idKey(entityId!);
    if ((asService === true) !== (session.service !== null)) return { tag: 'ERR', error: { type: 'SERVICE' } };
    if (!this.notifiers.has(key)) return { tag: 'ERR', error: { type: 'AUTH' } };
    const before = this.subscribed.get(key);
    if (before !== undefined && before !== session && before.isOpen) before.say(entityId!, { tag: 'END' });
    this.subscribed.set(key, session);
    if (session.service === null) this.associated.delete(key);
    else {
      this.takeService(session, session.service.serviceId);
      this.associated.add(key);
    }
    return { tag: 'SOK', serviceId: session.service?.serviceId ?? null };
  }

  private takeService(session: FakeSession, serviceId: Uint8Array): void {
    const before = this.serviceSession;
    if (before !== null && before !== session && before.isOpen) before.say(serviceId, { tag: 'ENDS', count: this.associated.size });
    this.serviceSession = session;
  }

  private nsubsOf(session: FakeSession): SmpReply {
    if (session.service === null) return { tag: 'ERR', error: { type: 'SERVICE' } };
    this.takeService(session, session.service.serviceId);
    for (const key of this.associated) this.subscribed.set(key, session);
    return { tag: 'SOKS', count: this.associated.size };
  }
}

export class FakeSession implements SmpClient {
  readonly version = 18;
  readonly sessionId = randomBytes(32);
  readonly versions = { min: 6, max: 18 };
  readonly relayKey = null;
  readonly secret = null;
  readonly service: ClientServiceSession | null;
  readonly pendingCount = 0;
  readonly closed: Promise<CloseReason>;
  isOpen = true;
  isPaused = false;
  readonly requests: BatchedRequest[] = [];
  private readonly relay: FakeRelay;
  private readonly onEvent: SmpEventHandler;
  private end!: (reason: CloseReason) => void;

  constructor(relay: FakeRelay, onEvent: SmpEventHandler, serviceId: Uint8Array | null) {
    this.relay = relay;
    this.onEvent = onEvent;
    this.service = serviceId === null ? null : { serviceId, role: 'N', sessionKey: sessionKeys.privateKey, fingerprint: new Uint8Array(32) };
    this.closed = new Promise((resolve) => (this.end = resolve));
  }

  async request(command: BatchedRequest['command'], options: Omit<BatchedRequest, 'command'> = {}): Promise<SmpReply> {
    const [answer] = await this.requestBatch([{ command, ...options }]);
    if (answer instanceof SmpClientError) throw answer;
    return answer!;
  }

  async requestBatch(requests: readonly BatchedRequest[]): Promise<readonly (SmpReply | SmpClientError)[]> {
    this.requests.push(...requests);
    this.relay.onBatch(requests.length);
    const { held } = this.relay;
    if (held === null) await turn();
    else await new Promise<void>((resolve) => held.push(resolve));
    this.relay.onBatch(-requests.length);
    return requests.map((request) => {
      if (!this.isOpen) return new SmpClientError('NETWORK', 'the connection was lost');
      return this.relay.answer(request, this) ?? new SmpClientError('TIMEOUT', 'no answer in time');
    });
  }

  /** Says something by itself. */
  say(entityId: Uint8Array, reply: SmpReply, late = false): void {
    if (this.isOpen) this.onEvent(entityId, reply, late);
  }

  saySelf(reply: SmpReply): void {
    this.say(this.service?.serviceId ?? EMPTY_BYTES, reply);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  /** The relay's end goes, or the network. */
  lose(reason: CloseReason = 'peer'): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const [key, session] of this.relay.subscribed) if (session === this) this.relay.subscribed.delete(key);
    if (this.relay.serviceSession === this) this.relay.serviceSession = null;
    this.end(reason);
  }

  close(): void {
    this.lose('local');
  }

  /** NSUBs for this queue that came in this session. */
  nsubsFor(notifierId: Uint8Array): number {
    return this.requests.filter(({ command, entityId }) => command.tag === 'NSUB' && equalBytes(entityId!, notifierId)).length;
  }

  sent(tag: string): number {
    return this.requests.filter(({ command }) => command.tag === tag).length;
  }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
