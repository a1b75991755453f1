/** Responses of NTF, one row each (NTF §2.1). */
import { type Codec, fields, shortString, Writer } from '@polyplex/codec';
import { dhKey, tagTable } from '@polyplex/protocol-common';
import { ntfError, type NtfError } from './errors.ts';
import { subscriptionStatus, tokenStatus } from './statuses.ts';

const ntfReplies = {
  /** IDTKN = "IDTKN" SP tokenId ‖ server's X25519 key */
  IDTKN: fields({ tokenId: shortString, dhKey }),
  /** IDSUB = "IDSUB" SP subscriptionId */
  IDSUB: fields({ subscriptionId: shortString }),
  OK: null,
  /** TKN = "TKN" SP status, by version */
  TKN: fields({ status: tokenStatus }),
  /** SUB = "SUB" SP status */
  SUB: fields({ status: subscriptionStatus }),
  PONG: null,
  ERR: fields({ error: ntfError }),
} as const;

export type NtfReplyTag = keyof typeof ntfReplies;
type BodyOf<T extends NtfReplyTag> = (typeof ntfReplies)[T] extends Codec<infer B> ? B : object;
export type NtfReplyOf<T extends NtfReplyTag> = { readonly tag: T } & BodyOf<T>;
export type NtfReply = { [T in NtfReplyTag]: NtfReplyOf<T> }[NtfReplyTag];

export const OK: NtfReply = { tag: 'OK' };
export const PONG: NtfReply = { tag: 'PONG' };

export function errorReply(error: NtfError): NtfReply {
  return { tag: 'ERR', error };
}

const table = tagTable<NtfReply>(ntfReplies);

export function writeReply(w: Writer, value: NtfReply): void {
  table.write(w, value);
}

export function encodeReply(value: NtfReply, version: number): Uint8Array {
  const w = new Writer(version);
  table.write(w, value);
  return w.finish();
}

/** Reads a reply; null when it is malformed or unknown. Values are views of `encoded`. */
export function readReply(encoded: Uint8Array, version: number): NtfReply | null {
  const reply = table.read(encoded, version);
  return typeof reply === 'string' ? null : reply;
}

const WITHOUT_ENTITY: ReadonlySet<NtfReplyTag> = new Set(['IDTKN', 'IDSUB', 'PONG']);

/** Whether a client may take this reply with or without an entity id; an error goes with both (NTF §2.1). */
export function replySuitsEntity(tag: NtfReplyTag, hasEntity: boolean): boolean {
  return tag === 'ERR' || hasEntity !== WITHOUT_ENTITY.has(tag);
}
