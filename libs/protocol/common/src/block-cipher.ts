/**
 * Block encryption of a session (SMP §3.6): one chain for each direction, advanced once a block before use, also for
 * a block that then fails to decrypt. Blocks are sealed and opened in place. Without it blocks are only padded.
 */
import { unpad } from '@polyplex/codec';
import { advanceChain, BOX_TAG_BYTES, initialChainKeys, openPaddedBoxInto, sealBoxInto } from '@polyplex/crypto';
import { type BatchItem, writePaddedBatch } from './block.ts';
import { takeBlock } from './block-pool.ts';

export interface BlockCipher {
  /** A whole block that carries the items; they must fit (`splitBatches`). It goes to a transport and nowhere else. */
  seal(items: readonly BatchItem[]): Uint8Array;
  /** The same in memory of the caller's, of the size of a block. Absent: it cannot be chosen. */
  readonly sealInto?: (block: Uint8Array, items: readonly BatchItem[]) => void;
  /** The content of a block as a view (the block's memory is overwritten); null when it does not decrypt or unpad. */
  open(block: Uint8Array): Uint8Array | null;
}

export const plainBlocks: BlockCipher = { ...sealing(writePaddedBatch), open: unpad };

function sealing(sealInto: (block: Uint8Array, items: readonly BatchItem[]) => void): Required<Pick<BlockCipher, 'seal' | 'sealInto'>> {
  return {
    sealInto,
    seal(items) {
      const block = takeBlock();
      sealInto(block, items);
      return block;
    },
  };
}

/** `side` says which of the two chains is ours to send with: the server sends with the first. */
export function encryptedBlocks(side: 'server' | 'client', sessionId: Uint8Array, secret: Uint8Array): BlockCipher {
  const { first, second } = initialChainKeys(sessionId, secret);
  let sendKey = side === 'server' ? first : second;
  let receiveKey = side === 'server' ? second : first;
  return {
    ...sealing((block, items) => {
      const step = advanceChain(sendKey);
      sendKey = step.chainKey;
      const padded = block.subarray(BOX_TAG_BYTES);
      writePaddedBatch(padded, items);
      sealBoxInto(block, step.boxKey, step.nonce, padded);
    }),
    open(block) {
      const step = advanceChain(receiveKey);
      receiveKey = step.chainKey;
      const padded = block.subarray(BOX_TAG_BYTES);
      return openPaddedBoxInto(padded, step.boxKey, step.nonce, block) ? unpad(padded) : null;
    },
  };
}
