/**
 * A client agent: connections over SMP queues that keep what was sent until the other side's relay has it, and tell what came until the
 * application has it, whatever dies in between (agent §6, §7).
 */
import { type Clock, idKey, systemClock } from '@polyplex/base';
import type { ConnectionRequest, ShortLink } from '@polyplex/protocol-agent';
import type { ServerAddress } from '@polyplex/protocol-common';
import type { ReplyOf } from '@polyplex/protocol-smp';
import type { RecordReader, RecordStore } from '@polyplex/store-contract';
import type { AgentEvent } from './agent-event.ts';
import type { AgentStep, EventHandler } from './agent-step.ts';
import { ApplicationStep } from './application-step.ts';
import { allow, reject } from './connect/answer-offer.ts';
import { accept, type Begun, createAddress, createInvitation, join, type JoinOptions } from './connect/begin.ts';
import { chooseServer } from './connect/choose-server.ts';
import { type DeleteOptions, deleteConnection } from './connect/delete-connection.ts';
import { type OpenedLink, openShortLink } from './connect/open-link.ts';
import { deleteLink, type LinkNames, setUserData, shortLinkOf } from './connect/own-link.ts';
import type { AgentContext, QueueServer, Relays } from './context.ts';
import { deleteFile, type FileToSend, receiveFile, sendFile, type SendFileOptions } from './files/file-steps.ts';
import type { AgentFilesOptions } from './files/perform-transfer.ts';
import { Transfers } from './files/transfers.ts';
import { acknowledge } from './messages/acknowledge.ts';
import { Lanes } from './messages/lanes.ts';
import { receive } from './messages/receive.ts';
import { sendBody, type SendOptions } from './messages/seal.ts';
import { type FreshKeys, freshKeys } from './ratchet/fresh-keys.ts';
import type { Connection, FileRecord, ReceivingQueue } from './records/records.ts';
import { Reading } from './records/typed-records.ts';
import { startResync } from './resync/resync.ts';
import { abortSwitch, addQueue, switchQueue } from './rotation/own-queue.ts';
import { type QueueState, queuesOf } from './rotation/queue-states.ts';
import type { Step } from './step.ts';
import { Steps } from './steps.ts';
import { Upkeep } from './upkeep.ts';

export interface AgentOptions {
  readonly store: RecordStore;
  /** Makes the sessions; messages of its queues go to `onMessage`, by recipient id. */
  readonly openRelays: (onMessage: (recipientId: Uint8Array, message: ReplyOf<'MSG'>) => void) => Relays;
  /** Relays for new queues, one of which is taken at random. */
  readonly servers: readonly QueueServer[];
  /** Further relays whose addresses may be shortened in short links (agent §2.4). */
  readonly knownServers?: readonly ServerAddress[];
  /** Whether the other side may secure our queues itself, which saves a turn; default true. Without it connections begin by the standard procedure (agent §6.3). */
  readonly areQueuesSecurable?: boolean;
  /** Handles each event once, in the transaction that makes it. What it does not acknowledge or answer there it has to remember in its records. */
  readonly inStep?: EventHandler;
  /** Must not throw. Events come when what they tell is stored, and after a restart again while they are not acknowledged or answered. */
  readonly onEvent?: (event: AgentEvent) => void;
  /** Files by file servers; without it the agent has none. */
  readonly files?: AgentFilesOptions;
  /** The store has failed: the agent is closed, and goes on from the store when it is made anew. */
  readonly onFailure?: (error: unknown) => void;
  readonly clock?: Clock;
  readonly fresh?: FreshKeys;
  /** In [0, 1). */
  readonly random?: () => number;
}

export class Agent {
  readonly #context: AgentContext;
  readonly #lanes: Lanes;
  readonly #transfers: Transfers | null;
  readonly #upkeep: Upkeep;
  readonly #options: AgentOptions;
  /** Our queues by the id that messages come with. */
  readonly #queues = new Map<string, string>();
  #isClosed = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    const { store, clock = systemClock, fresh = freshKeys } = options;
    const relays = options.openRelays((recipientId, message) => this.#received(this.#queues.get(idKey(recipientId)), message));
    const steps = new Steps({ ...options, clock, fresh }, { onDurable: (step) => this.#follow(step), onFailure: (error) => this.#failed(error) });
    this.#context = {
      store, relays, clock, fresh,
      chooseServer: (avoid = []) => chooseServer({ servers: options.servers, avoid, random: options.random ?? Math.random }),
      areSecurable: options.areQueuesSecurable ?? true,
      known: [...options.servers, ...(options.knownServers ?? [])],
      read: (work) => store.read((records) => work(new Reading(records))),
      change: (work) => steps.change(work),
    };
    this.#lanes = new Lanes(this.#context, {
      onMessage: (queueId, message) => this.#received(queueId, message),
      onFailure: (error) => this.#failed(error),
    });
    this.#transfers = options.files === undefined ? null : new Transfers(this.#context, options.files, (error) => this.#failed(error));
    this.#upkeep = new Upkeep(this.#context, (error) => this.#failed(error));
  }

  /** Subscribes to everything, goes on with what was begun, and tells again what the application has not answered. */
  start(): void {
    const { queues, events } = this.#context.read((records) => ({
      queues: records.list('receiving').map(({ value }) => value),
      events: [
        ...records.list('offer').map(({ key: offerId, value: { type, connectionId, info } }) => ({ type, connectionId, offerId, info })),
        ...records.list('last').flatMap(({ value: { event } }) => (event === null ? [] : [event])),
      ],
    }));
    this.#subscribe(queues);
    this.#lanes.resume();
    this.#transfers?.resume();
    this.#upkeep.start();
    for (const event of events) this.#options.onEvent?.(event);
  }

  /** With `userData` there is a short link, too. */
  createInvitation(options?: Parameters<typeof createInvitation>[1]): Promise<Begun> {
    return createInvitation(this.#context, options);
  }

  createAddress(options?: Parameters<typeof createAddress>[1]): Promise<Begun> {
    return createAddress(this.#context, options);
  }

  /** The short link of an invitation or address of ours, if it has one. */
  shortLink(connectionId: string): ShortLink | null {
    return this.#context.read((records) => {
      const [queue] = records.receivingOf(connectionId);
      const link = records.get('link', connectionId);
      return queue === undefined || link === undefined ? null : shortLinkOf(queue, link);
    });
  }

  /** Changes what a short link tells; the relay is told as soon as it can be. Rejects with UNKNOWN or TOO_LARGE. */
  setUserData(connectionId: string, userData: Uint8Array, names?: LinkNames): Promise<void> {
    return this.#context.change((step) => setUserData(step, connectionId, userData, names));
  }

  /** Deletes a short link; its invitation or address stays. Rejects with UNKNOWN. */
  deleteLink(connectionId: string): Promise<void> {
    return this.#context.change((step) => deleteLink(step, connectionId));
  }

  openShortLink(text: string): Promise<OpenedLink> {
    return openShortLink(this.#context, text);
  }

  join(what: ConnectionRequest | OpenedLink, options: JoinOptions): Promise<string> {
    return join(this.#context, what, options);
  }

  allow(offerId: string, info: Uint8Array): Promise<void> {
    return this.#context.change((step) => allow(step, offerId, info));
  }

  accept(offerId: string, options: JoinOptions): Promise<string> {
    return accept(this.#context, offerId, options);
  }

  reject(offerId: string): Promise<void> {
    return this.#context.change((step) => reject(step, offerId));
  }

  /** Resolves with the message's number when it is stored: it will be sent. Rejects with UNKNOWN, PROHIBITED or TOO_LARGE. */
  send(connectionId: string, body: Uint8Array, options?: SendOptions): Promise<number> {
    return this.#context.change((step) => sendBody(step, connectionId, body, options));
  }

  /** The application has a message or receipt: the relay may forget it. With `receipt`, its sender is told. */
  acknowledge(connectionId: string, messageId: number, receipt?: Uint8Array): Promise<void> {
    return this.#context.change((step) => acknowledge(step, connectionId, messageId, receipt));
  }

  /** Begins the ratchets anew, where they have come apart, or with `force` in any case. Rejects with PROHIBITED. */
  renewKeys(connectionId: string, { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    return this.#context.change((step) => startResync(step, connectionId, force));
  }

  /** Moves our queue to another relay. Resolves when that has begun; rejects as a new queue does, with UNKNOWN or PROHIBITED. */
  switchQueue(connectionId: string): Promise<void> {
    return switchQueue(this.#context, connectionId);
  }

  /** Adds a queue at another relay, so that one may be lost. Where the other side does not know of this, nothing changes. Rejects as `switchQueue`. */
  addQueue(connectionId: string): Promise<void> {
    return addQueue(this.#context, connectionId);
  }

  /** Where the messages of a connection come to and go to. */
  queues(connectionId: string): readonly QueueState[] {
    return this.#context.read((records) => queuesOf(records, connectionId));
  }

  /** Gives up a move that the other side has not answered. Rejects with UNKNOWN or PROHIBITED. */
  abortSwitch(connectionId: string): Promise<void> {
    return this.#context.change((step) => abortSwitch(step, connectionId));
  }

  /** Deletes a connection and its queues at their relays; with `afterSending` what was sent before leaves first. Nothing where it is unknown. */
  delete(connectionId: string, options?: DeleteOptions): Promise<void> {
    return this.#context.change((step) => deleteConnection(step, connectionId, options));
  }

  /** One transaction of the application's own: all of it, or, where `work` throws, nothing. `work` may be run again, as by the store. */
  change<T>(work: (step: AgentStep) => T): Promise<T> {
    return this.#context.change((step) => work(new ApplicationStep(step)));
  }

  /** The application's records at one instant. */
  read<T>(work: (records: RecordReader) => T): T {
    return this.#context.read((records) => work(records.application));
  }

  /**
   * Encrypts a file and puts it onto file servers; resolves with its id when that is stored: it goes on after a restart, until `file-sent` or
   * `file-failed`. Rejects with PROHIBITED where the agent has no files, or TOO_LARGE.
   */
  sendFile(file: FileToSend, options?: SendFileOptions): Promise<string> {
    return this.#context.change((step) => sendFile(step, file, options));
  }

  /** Receives a file by a description, whole, into a folder of the file room; as `sendFile`, until `file-received` or `file-failed`. */
  receiveFile(description: string, options: { readonly folder: string }): Promise<string> {
    return this.#context.change((step) => receiveFile(step, description, options));
  }

  /** Deletes a file of ours from its servers, or gives a transfer up; what was received stays where it is. Nothing where it is unknown. */
  deleteFile(fileId: string): Promise<void> {
    return this.#context.change((step) => deleteFile(step, fileId));
  }

  /** How files stand: what was sent until it is deleted, what failed or was received for three weeks. */
  files(): readonly ({ readonly fileId: string } & FileRecord)[] {
    return this.#context.read((records) => records.list('file').map(({ key: fileId, value }) => ({ fileId, ...value })));
  }

  connections(): readonly Connection[] {
    return this.#context.read((records) => records.list('connection').map(({ value }) => value));
  }

  /** Queues with something that waits for their relay, and files under way; costs nothing. */
  gauges(): { readonly queues: number; readonly files: number } {
    return { queues: this.#lanes.busy, files: this.#transfers?.size ?? 0 };
  }

  /** Ends the sessions; the store is the caller's to close. */
  close(): void {
    this.#isClosed = true;
    this.#lanes.close();
    this.#transfers?.close();
    this.#upkeep.stop();
    this.#context.relays.close();
  }

  /** What follows at once when a step is durable. */
  #follow(step: Step): void {
    this.#subscribe(step.added);
    for (const lane of step.lanes) this.#lanes.begin(lane);
    for (const lane of step.hurried) this.#lanes.hurry(lane);
    for (const queue of step.forgotten) this.#forget(queue);
    for (const fileId of step.files) this.#transfers?.begin(fileId);
  }

  #subscribe(queues: readonly ReceivingQueue[]): void {
    for (const { recipientId, queueId } of queues) this.#queues.set(idKey(recipientId), queueId);
    this.#context.relays.subscribe(queues);
  }

  #forget(queue: ReceivingQueue): void {
    this.#queues.delete(idKey(queue.recipientId));
    this.#context.relays.forget(queue);
  }

  #received(queueId: string | undefined, message: ReplyOf<'MSG'>): void {
    // The block that the message came in is not kept.
    if (queueId === undefined) return;
    const kept = { ...message, msgId: Uint8Array.from(message.msgId), body: Uint8Array.from(message.body) };
    receive(this.#context, queueId, kept).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onFailure?.(error);
  }
}
