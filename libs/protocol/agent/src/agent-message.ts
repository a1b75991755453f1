/** What two agents say to each other inside the ratchet (agent §4.2, §4.3). */
import { lenientTextOf, utf8 } from '@polyplex/base';
import {
  bool, type Codec, codec, DecodeError, fields, large, maybe, nonEmptyList, nothing, type Reader, safeInt64, shortBytes, shortString, tail, type TypeOf, type Writer,
} from '@polyplex/codec';
import { authKey } from '@polyplex/protocol-common';
import { queueInfo, queueName, queueUri } from './queue-address.ts';

/** A union told apart by a tag of one or two letters, no one-letter tag being the beginning of another. */
function byTag<const V extends Readonly<Record<string, Codec<any>>>>(variants: V) { // eslint-disable-line @typescript-eslint/no-explicit-any -- each variant keeps its own type
  type Body<T> = T extends void ? unknown : T;
  type Union = { [K in keyof V & string]: { readonly tag: K } & Body<TypeOf<V[K]>> }[keyof V & string];
  const read = (r: Reader): Union => {
    let tag = '';
    for (let letters = 0; letters < 2; letters++) {
      tag += String.fromCharCode(r.byte());
      if (Object.hasOwn(variants, tag)) return { ...(variants[tag]!.read(r) as object | undefined), tag } as unknown as Union;
    }
    throw new DecodeError('unknown tag');
  };
  const write = (w: Writer, value: Union): void => {
    const { tag } = value as { readonly tag: string };
    w.put(utf8(tag));
    variants[tag]!.write(w, value);
  };
  return codec(read, write);
}

const receipt = fields({ messageId: safeInt64, hash: shortString, info: large });
const addedQueue = fields({ queue: queueUri, replaces: maybe(queueName) });
const keyedQueue = fields({ queue: queueInfo, senderKey: authKey });

/** HELLO, A_MSG, A_RCVD, A_QCONT, QADD, QKEY, QUSE, QTEST, EREADY. */
export const agentContent = byTag({
  H: nothing,
  M: fields({ body: tail }),
  V: fields({ receipts: nonEmptyList(receipt) }),
  QC: fields({ queue: queueName }),
  QA: fields({ queues: nonEmptyList(addedQueue) }),
  QK: fields({ queues: nonEmptyList(keyedQueue) }),
  QU: fields({ queues: nonEmptyList(fields({ queue: queueName, isPrimary: bool })) }),
  QT: fields({ queues: nonEmptyList(queueName) }),
  E: fields({ lastReceivedId: safeInt64 }),
});
export type AgentContent = TypeOf<typeof agentContent>;

const HASH_BYTES = 32;

/** Of the previous message; empty before the first. */
const previousHash: Codec<Uint8Array> = codec(
  (r) => {
    const hash = shortString.read(r);
    if (hash.length !== 0 && hash.length !== HASH_BYTES) throw new DecodeError('bad hash');
    return hash;
  },
  (w, hash) => (hash.length === 0 ? shortString : shortBytes(HASH_BYTES)).write(w, hash),
);

/**
 * `I` information of the one who invited; `D` of the one who joined, with queues for replies; `R` of a new ratchet; `M` everything
 * else, numbered and chained by hashes.
 */
export const agentMessage = byTag({
  I: fields({ info: tail }),
  D: fields({ queues: nonEmptyList(queueInfo), info: tail }),
  R: fields({ info: tail }),
  M: fields({ messageId: safeInt64, previousHash, content: agentContent }),
});
export type AgentMessage = TypeOf<typeof agentMessage>;

/** A link inside an envelope is text. */
export const largeText: Codec<string> = codec((r) => lenientTextOf(large.read(r)), (w, text) => large.write(w, utf8(text)));
