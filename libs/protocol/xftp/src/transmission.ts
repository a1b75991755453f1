/**
 * Blocks of XFTP: one padded block of 16384 bytes holds exactly one transmission, whose session id is always sent and
 * signed (XFTP §3.1). A chunk body may follow the block. Everything read is a view of the block.
 */
import { DecodeError, EncodeError, Reader, shortString, unpad, Writer } from '@polyplex/codec';
import { authKindOf, BLOCK_SIZE_BYTES } from '@polyplex/protocol-common';
import type { XftpError } from './errors.ts';
import { encodeReply, type XftpReply } from './replies.ts';

export interface TransmissionHead {
  /** 12, 32 or 48 bytes. */
  readonly sessionId: Uint8Array;
  /** Up to 255 bytes; the nonce of an X25519 authenticator. */
  readonly corrId: Uint8Array;
  /** Empty for FNEW and PING. */
  readonly entityId: Uint8Array;
}

export interface XftpTransmission extends TransmissionHead {
  readonly auth: Uint8Array;
  /** A command, or in the other direction a reply. */
  readonly command: Uint8Array;
  /** What `auth` is over. */
  readonly signed: Uint8Array;
}

const PADDING = 0x23; // "#"
const LENGTH_BYTES = 2;
/** Padded length, count of transmissions, length of the transmission. */
const HEAD_BYTES = LENGTH_BYTES + 1 + LENGTH_BYTES;

/** sessionId ‖ corrId ‖ entityId ‖ command: what a signature or an authenticator is over. */
export function signedPart(request: TransmissionHead & { readonly command: Uint8Array }): Uint8Array {
  const w = new Writer(0, 3 + request.sessionId.length + request.corrId.length + request.entityId.length + request.command.length);
  shortString.write(w, request.sessionId);
  shortString.write(w, request.corrId);
  shortString.write(w, request.entityId);
  w.put(request.command);
  return w.finish();
}

/** The block of an encoded command; `auth` is empty, or over the `signedPart` of the same fields. Throws `EncodeError` when it does not fit. */
export function encodeRequestBlock(request: TransmissionHead & { readonly auth: Uint8Array; readonly command: Uint8Array }): Uint8Array {
  return blockOf(request.auth, signedPart(request));
}

/** The block of a reply, as the session's version knows it. */
export function encodeReplyBlock({ reply, ...head }: TransmissionHead & { readonly reply: XftpReply }, version: number): Uint8Array {
  return blockOf(new Uint8Array(0), signedPart({ ...head, command: encodeReply(reply, version) }));
}

function blockOf(auth: Uint8Array, signed: Uint8Array): Uint8Array {
  const length = 1 + auth.length + signed.length;
  if (auth.length > 255 || length > BLOCK_SIZE_BYTES - HEAD_BYTES) throw new EncodeError('transmission larger than a block');
  const block = new Uint8Array(BLOCK_SIZE_BYTES);
  const view = new DataView(block.buffer);
  view.setUint16(0, length + HEAD_BYTES - LENGTH_BYTES);
  block[LENGTH_BYTES] = 1;
  view.setUint16(LENGTH_BYTES + 1, length);
  block[HEAD_BYTES] = auth.length;
  block.set(auth, HEAD_BYTES + 1);
  block.set(signed, HEAD_BYTES + 1 + auth.length);
  block.fill(PADDING, HEAD_BYTES + length);
  return block;
}

/**
 * Splits a block; null when it is not one block that holds exactly one transmission: the answer to it is ERR BLOCK with an
 * empty corrId and entity.
 */
export function readBlock(block: Uint8Array): XftpTransmission | null {
  const content = block.length === BLOCK_SIZE_BYTES ? unpad(block) : null;
  if (content === null) return null;
  const r = new Reader(content);
  try {
    if (r.byte() !== 1 || r.word16() !== r.remaining) return null;
    const auth = shortString.read(r);
    const signed = content.subarray(r.position);
    return { auth, sessionId: shortString.read(r), corrId: shortString.read(r), entityId: shortString.read(r), command: r.rest(), signed };
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/**
 * What is wrong with a transmission before its command is looked at; the answer echoes its corrId, with an empty entity
 * (XFTP §6). Null when nothing is.
 */
export function transmissionError({ auth, sessionId }: XftpTransmission, ownSessionId: Uint8Array): XftpError | null {
  const isOurs = sessionId.length === ownSessionId.length && sessionId.every((byte, i) => byte === ownSessionId[i]);
  if (!isOurs) return { type: 'SESSION' };
  return authKindOf(auth) === null ? { type: 'BLOCK' } : null;
}
