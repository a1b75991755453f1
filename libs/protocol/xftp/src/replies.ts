/** Responses of XFTP, one row each (XFTP §3.4), and what version 1 and 2 get in place of BLOCKED. */
import { bytes, type Codec, fields, nonEmptyList, shortString, Writer } from '@polyplex/codec';
import { dhKey, tagTable } from '@polyplex/protocol-common';
import { AUTH_ERROR, xftpError, type XftpError } from './errors.ts';
import { BLOCKED_VERSION } from './versions.ts';

const NONCE_BYTES = 24;

const xftpReplies = {
  /** SIDS = "SIDS" SP senderId ‖ non-empty list of recipientId, in the order of the keys in FNEW */
  SIDS: fields({ senderId: shortString, recipientIds: nonEmptyList(shortString) }),
  /** RIDS = "RIDS" SP non-empty list of recipientId, in the order of the keys in FADD */
  RIDS: fields({ recipientIds: nonEmptyList(shortString) }),
  /** FILE = "FILE" SP server's X25519 key ‖ nonce(24); the encrypted body follows the block */
  FILE: fields({ dhKey, nonce: bytes(NONCE_BYTES) }),
  OK: null,
  PONG: null,
  ERR: fields({ error: xftpError }),
} as const;

export type XftpReplyTag = keyof typeof xftpReplies;
type BodyOf<T extends XftpReplyTag> = (typeof xftpReplies)[T] extends Codec<infer B> ? B : object;
export type XftpReplyOf<T extends XftpReplyTag> = { readonly tag: T } & BodyOf<T>;
export type XftpReply = { [T in XftpReplyTag]: XftpReplyOf<T> }[XftpReplyTag];

export const OK: XftpReply = { tag: 'OK' };

export function errorReply(error: XftpError): XftpReply {
  return { tag: 'ERR', error };
}

/** What a session of an older version is told instead. */
export function replyForVersion(reply: XftpReply, version: number): XftpReply {
  const isBlocked = reply.tag === 'ERR' && reply.error.type === 'BLOCKED';
  return isBlocked && version < BLOCKED_VERSION ? errorReply(AUTH_ERROR) : reply;
}

const table = tagTable<XftpReply>(xftpReplies);

export function encodeReply(value: XftpReply, version: number): Uint8Array {
  const w = new Writer();
  table.write(w, replyForVersion(value, version));
  return w.finish();
}

/** Reads a reply; null when it is malformed or unknown. Values are views of `encoded`. */
export function readReply(encoded: Uint8Array): XftpReply | null {
  const reply = table.read(encoded);
  return typeof reply === 'string' ? null : reply;
}

/** Whether a client may take this reply with or without an entity id; an error goes with both (XFTP §3.1). */
export function replySuitsEntity(tag: XftpReplyTag, hasEntity: boolean): boolean {
  if (tag === 'ERR') return true;
  return hasEntity === (tag !== 'SIDS' && tag !== 'PONG');
}
