/** A client in a process of its own with one message under way at a time: what another client is busy with does not count. */
import type { ServerAddress } from '@polyplex/protocol-common';
import { type ClientProcess, startClient } from './client-process.ts';

/** Milliseconds from SEND on. */
export interface BystanderTimes {
  /** Until the recipient had each message. */
  readonly delivered: readonly number[];
  /** Until its ACK was answered. */
  readonly whole: readonly number[];
}

interface Bystander extends Pick<ClientProcess, 'pid' | 'end'> {
  /** How long its messages took since it was asked last, the longest last. */
  times(): Promise<BystanderTimes>;
}

export type BystanderQuestion = { readonly connect: ServerAddress } | { readonly ask: 'times' };

export async function startBystander({ address }: { readonly address: ServerAddress }): Promise<Bystander> {
  const { pid, ask, end } = startClient('bystander');
  const question = <T>(asked: BystanderQuestion): Promise<T> => ask(asked);
  await question({ connect: address });
  return {
    pid,
    end,
    async times() {
      const { delivered, whole } = await question<BystanderTimes>({ ask: 'times' });
      return { delivered: delivered.toSorted((a, b) => a - b), whole: whole.toSorted((a, b) => a - b) };
    },
  };
}
