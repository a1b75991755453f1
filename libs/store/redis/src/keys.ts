/**
 * Names of the keys. All that belongs to one queue has the queue's recipient id as hash tag, and so lies in one slot; the
 * README lists every key. Ids are in base64url, since raw bytes could hold the braces of a tag.
 */
import { fromBase64Url } from '@polyplex/base';
import type { Party } from '@polyplex/store-contract';

const REFERENCES = { sender: 's', notifier: 't', link: 'k' } as const satisfies Record<Exclude<Party, 'recipient'>, string>;

/** Base64url without padding. */
function textOf(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('base64url');
}

export class Keys {
  private readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  private queuePart(recipientId: Uint8Array, part: string): string {
    return `${this.prefix}:{${textOf(recipientId)}}:${part}`;
  }

  /** The record and what changes with messages. */
  queue(recipientId: Uint8Array): string {
    return this.queuePart(recipientId, 'q');
  }

  /** The record's key and those of other parts: `m` messages, `l` link data, `n` notifications. */
  queueWith(recipientId: Uint8Array, ...parts: readonly ('m' | 'l' | 'n')[]): string[] {
    const tag = `${this.prefix}:{${textOf(recipientId)}}:`;
    return [`${tag}q`, ...parts.map((part) => tag + part)];
  }

  messages(recipientId: Uint8Array): string {
    return this.queuePart(recipientId, 'm');
  }

  link(recipientId: Uint8Array): string {
    return this.queuePart(recipientId, 'l');
  }

  notifications(recipientId: Uint8Array): string {
    return this.queuePart(recipientId, 'n');
  }

  /** Names the queue that has this id. */
  reference(party: Exclude<Party, 'recipient'>, id: Uint8Array): string {
    return `${this.prefix}:${REFERENCES[party]}:${textOf(id)}`;
  }

  /** The session of a service. */
  session(serviceId: Uint8Array): string {
    return `${this.prefix}:{${textOf(serviceId)}}:v`;
  }

  /** The recipient ids of a service's queues. */
  serviceQueues(serviceId: Uint8Array, role: 'M' | 'N'): string {
    return `${this.prefix}:{${textOf(serviceId)}}:${role}`;
  }

  get services(): string {
    return `${this.prefix}:{services}:records`;
  }

  get serviceRoles(): string {
    return `${this.prefix}:{services}:roles`;
  }

  get nodes(): string {
    return `${this.prefix}:nodes`;
  }

  get counts(): string {
    return `${this.prefix}:counts`;
  }

  get format(): string {
    return `${this.prefix}:format`;
  }

  inbox(node: string): string {
    return `${this.prefix}:inbox:${node}`;
  }

  /** Who sweeps what all nodes share. */
  lease(task: string): string {
    return `${this.prefix}:lease:${task}`;
  }

  /** What nodes counted in a window of a limit. */
  sharedCounts(limit: string, windowStart: number): string {
    return `${this.prefix}:count:${limit}:${String(windowStart)}`;
  }

  sharedSecret(limit: string, windowStart: number): string {
    return `${this.prefix}:secret:${limit}:${String(windowStart)}`;
  }

  /** For SCAN: all keys of queues with this part. */
  pattern(part: 'q' | 'm' | 'n'): string {
    return `${this.prefix}:{*}:${part}`;
  }

  /** For SCAN: all references, and all sets of services' queues. */
  get allReferences(): string {
    return `${this.prefix}:[stk]:*`;
  }

  get allServiceQueues(): string {
    return `${this.prefix}:{*}:[MN]`;
  }

  /** What a key is a reference of; null for another key. */
  referenceOf(key: string): readonly [party: Exclude<Party, 'recipient'>, id: Uint8Array] | null {
    const [, letter, text] = /^([stk]):([A-Za-z0-9_-]+)$/.exec(key.slice(this.prefix.length + 1)) ?? [];
    const party = (Object.keys(REFERENCES) as (keyof typeof REFERENCES)[]).find((each) => REFERENCES[each] === letter);
    const id = text === undefined ? null : fromBase64Url(text);
    return party === undefined || id === null ? null : [party, id];
  }

  /** The owner's id in a key that `pattern` or `allServiceQueues` found; as text. */
  ownerOf(key: string): string {
    return key.slice(this.prefix.length + 2, -3);
  }
}
