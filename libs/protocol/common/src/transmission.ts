/**
 * Transmissions: how a command or a reply is wrapped inside a block (SMP §4.2), and the bytes that are authorised
 * (§4.3). Everything read is a view of the block.
 */
import { concatBytes, EMPTY_BYTES } from '@polyplex/base';
import { DecodeError, maybe, Reader, shortBytes, shortString, Writer } from '@polyplex/codec';

/** From this version on the session id is signed but not sent. */
export const IMPLIED_SESSION_VERSION = 7;
/** From this version on a non-empty auth is followed by an optional service signature. */
export const SERVICE_SIGNATURE_VERSION = 16;
const SERVICE_SIGNATURE_BYTES = 64;

export interface Transmission {
  readonly auth: Uint8Array;
  /** Ed25519 signature of the service session key; null when there is none. */
  readonly serviceSignature: Uint8Array | null;
  /** The session id that was sent (versions below 7); null when implied. */
  readonly sessionId: Uint8Array | null;
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly command: Uint8Array;
  /** corrId ‖ entityId ‖ command as encoded: `authorizedBytes` completes it. */
  readonly signed: Uint8Array;
}

const serviceSignature = maybe(shortBytes(SERVICE_SIGNATURE_BYTES));

/** Splits a transmission; null when it cannot be split. */
export function readTransmission(bytes: Uint8Array, version: number): Transmission | null {
  const r = new Reader(bytes, version);
  try {
    const auth = shortString.read(r);
    const service = version >= SERVICE_SIGNATURE_VERSION && auth.length > 0 ? serviceSignature.read(r) : null;
    const sessionId = version < IMPLIED_SESSION_VERSION ? shortString.read(r) : null;
    const start = r.position;
    const corrId = shortString.read(r);
    const entityId = shortString.read(r);
    const command = r.rest();
    return { auth, serviceSignature: service, sessionId, corrId, entityId, command, signed: bytes.subarray(start) };
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

export interface TransmissionParts {
  readonly auth?: Uint8Array;
  readonly serviceSignature?: Uint8Array | null;
  readonly sessionId: Uint8Array;
  /** corrId ‖ entityId ‖ command, from `signedPart`. */
  readonly signed: Uint8Array;
}

/** corrId ‖ entityId ‖ command ("T" of SMP §4.3). */
export function signedPart(corrId: Uint8Array, entityId: Uint8Array, command: Uint8Array): Uint8Array {
  const w = new Writer(0, command.length + corrId.length + entityId.length + 2);
  shortString.write(w, corrId);
  shortString.write(w, entityId);
  w.put(command);
  return w.finish();
}

/** The bytes that a key authorises ("A"): the session id with its length byte, then T. The same in all versions. */
export function authorizedBytes(sessionId: Uint8Array, signed: Uint8Array): Uint8Array {
  const out = new Uint8Array(1 + sessionId.length + signed.length);
  putAuthorized(out, 0, sessionId, signed);
  return out;
}

/** Fingerprint of a service, length byte, session id, and the most that a block holds. */
const scratch = new Uint8Array(32 + 256 + 16_384);

/**
 * The same, after a service's fingerprint if there is one, in memory that the next call uses again: a relay verifies
 * a full block a message, and 16 KiB of garbage each would be most of its collector's work.
 */
export function authorizedView(sessionId: Uint8Array, signed: Uint8Array, fingerprint: Uint8Array | null): Uint8Array {
  const start = fingerprint?.length ?? 0;
  if (fingerprint !== null) scratch.set(fingerprint, 0);
  return scratch.subarray(0, putAuthorized(scratch, start, sessionId, signed));
}

function putAuthorized(out: Uint8Array, at: number, sessionId: Uint8Array, signed: Uint8Array): number {
  out[at] = sessionId.length;
  out.set(sessionId, at + 1);
  out.set(signed, at + 1 + sessionId.length);
  return at + 1 + sessionId.length + signed.length;
}

/** What a server's transmission begins with: no auth, session id (below version 7), corrId, entity; the reply follows. */
export function writeReplyHead(w: Writer, sessionId: Uint8Array, corrId: Uint8Array, entityId: Uint8Array): void {
  w.byte(0);
  if (w.version < IMPLIED_SESSION_VERSION) shortString.write(w, sessionId);
  shortString.write(w, corrId);
  shortString.write(w, entityId);
}

export function writeTransmission(parts: TransmissionParts, version: number): Uint8Array {
  const auth = parts.auth ?? EMPTY_BYTES;
  const w = new Writer(version, 1 + auth.length + 66 + parts.sessionId.length + 1);
  shortString.write(w, auth);
  if (version >= SERVICE_SIGNATURE_VERSION && auth.length > 0) serviceSignature.write(w, parts.serviceSignature ?? null);
  if (version < IMPLIED_SESSION_VERSION) shortString.write(w, parts.sessionId);
  return concatBytes(w.finish(), parts.signed);
}
