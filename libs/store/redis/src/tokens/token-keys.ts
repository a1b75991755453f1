/**
 * Names of the keys of a push proxy. Tokens lie in 64 parts by a hash of their id, each a slot of its own: a token, its
 * subscriptions, what they received and what is due are one part's, so that a step on them is one script. A part has the
 * same few keys however much it holds, all of them named to Redis with every step. What names a token from elsewhere (its
 * device, its subscriptions) is in buckets of fields, which Redis keeps compactly; what nodes agree on, in one slot more.
 */
import { createHash } from 'node:crypto';

export const PARTS = 64;
/** Buckets of each kind: with a million references about 30 in each. */
const BUCKETS = 32_768;

/** `d` a device with a key, `n` a notifier at a relay, `s` a subscription id. */
export type ReferenceKind = 'd' | 'n' | 's';

const OF_A_PART = ['records', 'states', 'subs', 'direct', 'served', 'fresh', 'names', 'open', 'serving', 'counts', 'due', 'notes', 'fences'] as const;
const OF_RELAYS = ['texts', 'services', 'claims', 'nodes', 'news'] as const;

export const RELAY_ID_BYTES = 12;
const DIGEST_BYTES = 16;
/** In base64url. */
const DEVICE_TEXT_LENGTH = 22;

function digest(parts: readonly (Uint8Array | string)[], bytes: number): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, bytes);
}

/** Stands for the text of a relay: whoever makes two texts with one id has gained nothing but two relays that are one. */
export function relayId(relay: string): Buffer {
  return digest([relay], RELAY_ID_BYTES);
}

/** A notifier at a relay. */
export function notifierField(relay: Uint8Array, notifierId: Uint8Array): Buffer {
  return digest([relay, notifierId], DIGEST_BYTES);
}

/** A device with a key: fields of one device begin alike. */
export function placeOf(device: { readonly provider: string; readonly token: Uint8Array }, key: Uint8Array): string {
  return `${deviceText(device)}${digest([key], DIGEST_BYTES).toString('base64url')}`;
}

/** What places of a device begin with. */
export function deviceText({ provider, token }: { readonly provider: string; readonly token: Uint8Array }): string {
  return digest([String(provider.length), ':', provider, token], DIGEST_BYTES).toString('base64url');
}

/** The part of a place that all keys of one device share. */
export function deviceIn(place: string): string {
  return place.slice(0, DEVICE_TEXT_LENGTH);
}

/** FNV-1a, finished by a mix of the high bits: ids need not be random. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 12)) >>> 0;
}

export class TokenKeys {
  private readonly prefix: string;
  private readonly parts: readonly (readonly string[])[];
  /** What nodes agree on: in the order in which scripts name them. */
  readonly relays: readonly string[];
  readonly format: string;

  constructor(prefix: string) {
    this.prefix = prefix;
    this.parts = Array.from({ length: PARTS }, (_, part) => OF_A_PART.map((name) => `{${prefix}:t${partName(part)}}:${name}`));
    this.relays = OF_RELAYS.map((name) => `{${prefix}:relays}:${name}`);
    this.format = `{${prefix}:relays}:format`;
  }

  partOf(tokenId: Uint8Array): number {
    return hashOf(tokenId) % PARTS;
  }

  /** All keys of a part, in the order in which scripts name them. */
  part(part: number): readonly string[] {
    return this.parts[part]!;
  }

  /** Those of a token's part, and that of the ids of its subscriptions. */
  token(tokenId: Uint8Array): readonly string[] {
    const part = this.partOf(tokenId);
    const text = Buffer.from(tokenId.buffer, tokenId.byteOffset, tokenId.byteLength).toString('base64url');
    return [...this.parts[part]!, `{${this.prefix}:t${partName(part)}}:members:${text}`];
  }

  /** One key of a part. */
  of(part: number, name: (typeof OF_A_PART)[number]): string {
    return this.parts[part]![OF_A_PART.indexOf(name)]!;
  }

  ofRelays(name: (typeof OF_RELAYS)[number]): string {
    return this.relays[OF_RELAYS.indexOf(name)]!;
  }

  bucket(kind: ReferenceKind, number: number): string {
    return `${this.prefix}:${kind}:${String(number)}`;
  }

  /** Where a field is; all of one device are in one bucket. */
  bucketOf(kind: ReferenceKind, field: Uint8Array | string): string {
    const hashed = typeof field === 'string' ? Buffer.from(deviceIn(field), 'latin1') : field;
    return this.bucket(kind, hashOf(hashed) % BUCKETS);
  }

  /** Nodes that live, by their last heartbeat. */
  get nodes(): string {
    return `${this.prefix}:nodes`;
  }

  inbox(node: string): string {
    return `${this.prefix}:inbox:${node}`;
  }

  /** Who goes over everything once a day. */
  get tidying(): string {
    return `${this.prefix}:lease:tidy`;
  }

  /** Of a key that `allBuckets` found. */
  kindOf(bucket: string): ReferenceKind {
    return bucket.charAt(this.prefix.length + 1) as ReferenceKind;
  }

  /** For SCAN. */
  get allBuckets(): string {
    return `${this.prefix}:[dns]:*`;
  }
}

/** Two digits. */
export function partName(part: number): string {
  return String(part).padStart(2, '0');
}
