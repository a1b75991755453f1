/**
 * What an application does together with its agent in one transaction: its own records change, messages are sent and acknowledged, or
 * nothing of all that. An application that handles events in such steps sees each event exactly once, whatever dies in between.
 */
import type { RecordWriter } from '@polyplex/store-contract';
import type { AgentEvent } from './agent-event.ts';
import type { Begun } from './connect/begin.ts';
import type { FileToSend, SendFileOptions } from './files/file-steps.ts';

/** Synchronous; a step may be run again by the store, and then only its last run counts: what is outside of records waits for `afterwards`. */
export interface AgentStep {
  /**
   * The application's own records; its kinds never meet the agent's. Kinds and keys are ASCII, kinds without spaces; they are stored in clear, so
   * nothing that identifies anybody belongs there but random ids.
   */
  readonly records: RecordWriter;
  /** Unix milliseconds. */
  readonly now: number;
  /**
   * 32 bytes that both ends of a connection know, and nobody else has: what is said with them was said on this connection. Null where there is no
   * ratchet yet; another value when its keys are renewed.
   */
  bindingOf(connectionId: string): Uint8Array | null;
  /** Whether `send` would take a message of a size that fits; false where the connection is unknown. */
  canSend(connectionId: string): boolean;
  /** As `Agent.send`. Throws `AgentError` PROHIBITED, UNKNOWN or TOO_LARGE, and then has changed nothing. */
  send(connectionId: string, body: Uint8Array, options?: { readonly notify?: boolean }): number;
  /** As `Agent.acknowledge`. */
  acknowledge(connectionId: string, messageId: number, receipt?: Uint8Array): void;
  /** As `Agent.allow`. Throws UNKNOWN or PROHIBITED. */
  allow(offerId: string, info: Uint8Array): void;
  /** As `Agent.reject`. */
  reject(offerId: string): void;
  /** As `Agent.setUserData`. Throws UNKNOWN or TOO_LARGE. */
  setUserData(connectionId: string, userData: Uint8Array): void;
  /**
   * As `Agent.delete`: queues go at their relays, what waits to be sent is dropped. With `afterSending` what was sent before leaves first, for two days
   * at most. No more events of the connection but of what was sent. Nothing where the connection is unknown.
   */
  delete(connectionId: string, options?: { readonly afterSending?: boolean }): void;
  /** As `Agent.sendFile`. Throws PROHIBITED or TOO_LARGE. */
  sendFile(file: FileToSend, options?: SendFileOptions): string;
  /** As `Agent.receiveFile`. Throws PROHIBITED or TOO_LARGE. */
  receiveFile(description: string, options: { readonly folder: string }): string;
  /** As `Agent.deleteFile`. */
  deleteFile(fileId: string): void;
  /** Runs once, when the step is durable. Must not throw. */
  afterwards(work: () => void): void;
}

/**
 * Handles an event inside the transaction that makes it, whoever began that; events that follow from what it does come after it in the same
 * transaction. Must not throw: then nothing of the transaction happens, and the agent has failed.
 */
export type EventHandler = (event: AgentEvent, step: AgentStep) => void;

/** What is done in the same step as a new connection, after it. What it throws rejects, and the connection is not made. */
export interface Also {
  readonly also?: (step: AgentStep, connectionId: string) => void;
}

/** As `Also`, where the connection is ours to publish. */
export interface AlsoBegun {
  readonly also?: (step: AgentStep, connectionId: string, begun: Begun) => void;
}
