/** Blocks in order of arrival; `next` rejects when the connection closes or nothing comes. */
import type { BlockConnection } from '@polyplex/protocol-common';

const WAIT_MS = 10_000;

export interface Inbox<T> {
  next(): Promise<T>;
}

/** Starts the connection and collects its blocks. */
export function inboxOf(connection: BlockConnection): { readonly blocks: Inbox<Uint8Array>; readonly closed: Promise<string> } {
  const items: Uint8Array[] = [];
  const { promise: closed, resolve: reportClosed } = Promise.withResolvers<string>();
  let arrived = (): void => undefined;
  let end: string | null = null;
  connection.start({
    block(block) {
      items.push(block);
      arrived();
    },
    drained: () => undefined,
    closed(reason) {
      end = reason;
      reportClosed(reason);
      arrived();
    },
  });
  const next = async (): Promise<Uint8Array> => {
    while (items.length === 0) {
      if (end !== null) throw new Error(`closed: ${end}`);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('nothing arrived')), WAIT_MS);
        arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return items.shift()!;
  };
  return { blocks: { next }, closed };
}
