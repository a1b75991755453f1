/** Sending through the ratchet (agent §5.4). */
import { concatBytes } from '@polyplex/base';
import { encode, pad } from '@polyplex/codec';
import { sealAead } from '@polyplex/crypto';
import { encryptedHeader, KEM_VERSION, ratchetHeader, ratchetMessage } from '@polyplex/protocol-agent';
import { chainStep } from './derive.ts';
import { RatchetError } from './ratchet-error.ts';
import { kemParametersOf, type MessageKey, type PostQuantum, type Ratchet } from './state.ts';

const HEADER_BYTES = 88;
const KEM_HEADER_BYTES = 2310;

/** What seals the body of one message, at any time later: the ratchet has moved on by then. */
export interface PreparedMessage extends MessageKey {
  readonly version: number;
  /** The encrypted header. */
  readonly header: Uint8Array;
  readonly associated: Uint8Array;
}

/**
 * Takes the next message key. `wish`, where given, turns post-quantum encryption on or off from the next messages on. The new
 * ratchet has to be stored before anything that was sealed leaves. Throws NOT_SENDING.
 */
export function prepareMessage(ratchet: Ratchet, wish?: boolean): { readonly ratchet: Ratchet; readonly message: PreparedMessage } {
  const { versions: { current, max }, sending, own, pq, previous, sent, associated } = ratchet;
  if (sending === null) throw new RatchetError('NOT_SENDING', 'a ratchet that has received nothing cannot send');
  const { chainKey, key, iv, headerIv } = chainStep(sending.chainKey);
  const clear = encode(ratchetHeader, { maxVersion: max, key: own.publicKey, kem: pq.kem && kemParametersOf(pq.kem), previous, number: sent }, current);
  const padded = pad(clear, pq.supported && current >= KEM_VERSION ? KEM_HEADER_BYTES : HEADER_BYTES);
  const sealed = sealAead({ key: sending.headerKey, iv: headerIv, associated }, padded);
  const header = encode(encryptedHeader, { version: current, iv: headerIv, ...sealed }, current);
  return {
    ratchet: { ...ratchet, sending: { ...sending, chainKey }, sent: sent + 1, pq: wish === undefined ? pq : withWish(pq, wish) },
    message: { version: current, key, iv, header, associated },
  };
}

/** The message with its body padded to `paddedLength` bytes. The same every time. Throws TOO_LARGE. */
export function sealMessage({ version, key, iv, header, associated }: PreparedMessage, text: Uint8Array, paddedLength: number): Uint8Array {
  if (text.length + 2 > paddedLength) throw new RatchetError('TOO_LARGE', 'a message does not fit its padding');
  const sealed = sealAead({ key, iv, associated: concatBytes(associated, header) }, pad(text, paddedLength));
  return encode(ratchetMessage, { header, ...sealed }, version);
}

/**
 * Off: the next step drops the KEM. On: the next step answers or offers. Unlike in the reference, headers of the present chain keep
 * the answer that the chain was derived with also after `off`: its receiver may see a later message first, and could not
 * read the chain without it.
 */
function withWish(pq: PostQuantum, wish: boolean): PostQuantum {
  return { ...pq, enabled: wish, supported: pq.supported || wish };
}
