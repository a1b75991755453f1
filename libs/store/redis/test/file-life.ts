/** What the process that is killed and the test that looks at what it left agree on. */
import type { ChunkBody, NewFile } from '@polyplex/store-contract';

export const SIZE = 65_536;
/** After its removal a body is left to the sweep. */
export const GRACE_MS = 100;

/** The steps of a file's life, by what has just happened. */
export type Life = 'created' | 'begun' | 'half written' | 'written' | 'committed' | 'removed' | 'body removed' | 'discarded';

export function fileOf(senderId: Uint8Array): NewFile {
  return { senderId, senderKey: { kind: 'ed25519', raw: new Uint8Array(32).fill(7) }, size: SIZE, digest: new Uint8Array(32).fill(9), createdAt: 3600 };
}

/** `atHalf` is waited for in the middle. */
export function bodyOf(atHalf: () => Promise<void> = () => Promise.resolve()): ChunkBody {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(SIZE / 2).fill(1);
    await atHalf();
    yield new Uint8Array(SIZE / 2).fill(2);
  }
  return { size: SIZE, pieces: pieces() };
}
