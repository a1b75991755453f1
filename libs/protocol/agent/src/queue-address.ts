/** Where a queue is, as agents tell each other in binary form (agent §2.6). */
import { utf8 } from '@polyplex/base';
import { byVersion, type Codec, codec, DecodeError, fields, optional, Reader, shortString, word16, Writer } from '@polyplex/codec';
import type { PublicKey } from '@polyplex/crypto';
import { dhKey, oneHostServerAddress, type ServerAddress, serverAddress, type VersionRange, versionRange } from '@polyplex/protocol-common';
import { QUEUE_MODE_VERSION, SECURABLE_QUEUE_VERSION } from './versions.ts';

/** `messaging`: its sender may secure it. */
export type QueueMode = 'messaging' | 'contact';

export interface QueueAddress {
  readonly server: ServerAddress;
  readonly senderId: Uint8Array;
  /** Of the encryption between sender and recipient (agent §3), not of the one with the relay. */
  readonly key: PublicKey<'x25519'>;
  /** Null: not said; its recipient secures it. */
  readonly mode: QueueMode | null;
}

/** A queue that is offered, with the versions that its owner speaks. */
export interface QueueUri extends QueueAddress {
  readonly versions: VersionRange;
}

/** A queue at an agreed version. */
export interface QueueInfo extends QueueAddress {
  readonly version: number;
}

const MODES: Readonly<Record<string, QueueMode>> = { M: 'messaging', C: 'contact', T: 'messaging', F: 'contact' };

/** One letter, or nothing of ours: what follows begins with none of these letters (but see agent §4.4). */
const flag: Codec<string | null> = optional(codec(
  (r) => {
    const letter = String.fromCharCode(r.byte());
    if (!Object.hasOwn(MODES, letter)) throw new DecodeError('no mode');
    return letter;
  },
  (w, letter) => w.put(utf8(letter)),
));

const modeOf = (letter: string | null): QueueMode | null => (letter === null ? null : MODES[letter]!);

function modeLetter(mode: QueueMode | null): string | null {
  return mode === null ? null : { messaging: 'M', contact: 'C' }[mode];
}

/** Readers of its lowest version must understand it. */
function offeredFlag({ versions: { min, max }, mode }: QueueUri): string | null {
  if (min >= QUEUE_MODE_VERSION) return modeLetter(mode);
  if (mode === 'messaging') return max >= SECURABLE_QUEUE_VERSION ? 'T' : null;
  return min >= SECURABLE_QUEUE_VERSION ? 'F' : null;
}

function agreedFlag({ version, mode }: QueueInfo): string | null {
  if (version >= QUEUE_MODE_VERSION) return modeLetter(mode);
  return version >= SECURABLE_QUEUE_VERSION && mode === 'messaging' ? 'T' : null;
}

const offered = fields({ versions: versionRange, server: serverAddress, senderId: shortString, key: dhKey });

export const queueUri: Codec<QueueUri> = codec(
  (r) => ({ ...offered.read(r), mode: modeOf(flag.read(r)) }),
  (w, queue) => {
    offered.write(w, queue);
    flag.write(w, offeredFlag(queue));
  },
);

const agreed = fields({ server: byVersion([1, oneHostServerAddress], [2, serverAddress]), senderId: shortString, key: dhKey });

export const queueInfo: Codec<QueueInfo> = codec(
  (r) => {
    const version = word16.read(r);
    const inner = new Reader(r.bytes, version, r.position, r.end);
    const queue = { version, ...agreed.read(inner), mode: modeOf(flag.read(inner)) };
    r.position = inner.position;
    return queue;
  },
  (w, queue) => {
    word16.write(w, queue.version);
    const inner = new Writer(queue.version);
    agreed.write(inner, queue);
    flag.write(inner, agreedFlag(queue));
    w.put(inner.finish());
  },
);

/** A queue's address without its keys: what names it in messages about it. */
export const queueName = fields({ server: serverAddress, senderId: shortString });
