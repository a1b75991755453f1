/**
 * A load that costs its clients little while it runs, in two processes: one sends blocks that were made beforehand, one receives and
 * acknowledges. What is measured then waits for the relay, and neither for the other client nor for its collector.
 */
import type { PrivateKey } from '@polyplex/crypto';
import type { ServerAddress } from '@polyplex/protocol-common';
import { type ClientProcess, monotonicMs, startClient } from './client-process.ts';

export interface LoadOptions {
  readonly address: ServerAddress;
  readonly version: number;
  /** Connections of either side, with 20 queues each. */
  readonly pairs: number;
  readonly bodyBytes: number;
}

/** Where a SEND goes, and who may send there. */
export interface Target {
  readonly senderId: Uint8Array;
  readonly key: PrivateKey<'x25519'>;
}

/** Message i of a run is due at `start` (`monotonicMs`) and i intervals, and goes to queue i modulo their number. */
export interface Pace {
  readonly start: number;
  readonly intervalMs: number;
}

export type RecipientQuestion = { readonly connect: LoadOptions } | { readonly receive: number; readonly pace: Pace | null };
export type SenderQuestion =
  | { readonly connect: LoadOptions; readonly targets: readonly Target[] }
  | { readonly prepare: number }
  /** At its pace; without one, one message under way for each queue. */
  | { readonly send: Pace | null };

export interface OpenTimes {
  /** Milliseconds from when each message was due until its recipient had it. */
  readonly delivered: readonly number[];
  /** Of that, until it was written. */
  readonly late: readonly number[];
}

export interface PreparedLoad {
  readonly senderPid: number;
  readonly recipientPid: number;
  /** Messages a second with one under way for each queue. */
  full(messages: number): Promise<number>;
  /** Makes what `open` sends. */
  prepare(messages: number): Promise<void>;
  /** So many messages at a steady rate, whatever comes of those before them. */
  open(messages: number, perSecond: number): Promise<OpenTimes>;
  end(): Promise<void>;
}

/** Until both processes have heard of it. */
const HEAD_START_MS = 100;

export async function startLoad(options: LoadOptions): Promise<PreparedLoad> {
  const [recipient, sender] = [startClient('recipient'), startClient('sender')];
  const ask = <T>(of: ClientProcess, question: RecipientQuestion | SenderQuestion): Promise<T> => of.ask<T>(question);
  const targets = await ask<readonly Target[]>(recipient, { connect: options });
  await ask(sender, { connect: options, targets });
  const prepare = async (messages: number): Promise<void> => void (await ask(sender, { prepare: messages }));
  return {
    senderPid: sender.pid,
    recipientPid: recipient.pid,
    prepare,
    async full(messages) {
      await prepare(messages);
      const started = performance.now();
      await Promise.all([ask(recipient, { receive: messages, pace: null }), ask(sender, { send: null })]);
      return (messages * 1000) / (performance.now() - started);
    },
    async open(messages, perSecond) {
      const pace = { start: monotonicMs() + HEAD_START_MS, intervalMs: 1000 / perSecond };
      const [delivered, late] = await Promise.all([
        ask<readonly number[]>(recipient, { receive: messages, pace }), ask<readonly number[]>(sender, { send: pace }),
      ]);
      return { delivered, late };
    },
    end: async () => void (await Promise.all([recipient.end(), sender.end()])),
  };
}
