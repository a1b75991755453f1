/**
 * Transmissions of NTF (NTF §1.5): those of SMP, with the session id sent in version 1 and implied from version 2 on, and
 * never with a second signature. Everything read is a view of the block.
 */
import { EMPTY_BYTES } from '@polyplex/base';
import { Writer } from '@polyplex/codec';
import {
  IMPLIED_SESSION_VERSION, readTransmission, type Transmission, writeReplyHead, writeTransmission,
} from '@polyplex/protocol-common';
import { maxTransmissionBytes } from './block.ts';
import { errorReply, type NtfReply, writeReply } from './replies.ts';
import { BATCHING_VERSION } from './versions.ts';

/** The version of SMP whose transmissions have the same form. */
function smpVersion(version: number): number {
  return version < BATCHING_VERSION ? IMPLIED_SESSION_VERSION - 1 : IMPLIED_SESSION_VERSION;
}

/** Splits a transmission; null when it cannot be split. */
export function readNtfTransmission(bytes: Uint8Array, version: number): Transmission | null {
  return readTransmission(bytes, smpVersion(version));
}

export function writeNtfTransmission(parts: Parameters<typeof writeTransmission>[0], version: number): Uint8Array {
  return writeTransmission(parts, smpVersion(version));
}

export interface Addressed {
  readonly sessionId: Uint8Array;
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
}

/**
 * A server's transmission. Ids of requests may have 255 bytes each, and an answer must fit a block with them: what does not is
 * ERR BLOCK without the entity, which fits with any corrId.
 */
export function replyTransmission(reply: NtfReply, addressed: Addressed, version: number): Uint8Array {
  const bytes = encodeTransmission(reply, addressed, version);
  if (bytes.length <= maxTransmissionBytes(version)) return bytes;
  return encodeTransmission(BAD_BLOCK, { ...addressed, entityId: EMPTY_BYTES }, version);
}

const BAD_BLOCK = errorReply({ type: 'BLOCK' });

function encodeTransmission(reply: NtfReply, { sessionId, corrId, entityId }: Addressed, version: number): Uint8Array {
  const head = new Writer(smpVersion(version));
  writeReplyHead(head, sessionId, corrId, entityId);
  const w = new Writer(version);
  w.put(head.finish());
  writeReply(w, reply);
  return w.finish();
}
