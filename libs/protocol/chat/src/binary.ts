/**
 * The elements of binary batches (directory §1.3): messages that may be signed, or passed on for somebody else. Channels are made of them; in ordinary
 * groups they are read of peers that send them anyway, and nobody is asked to, for `CHAT_VERSIONS` ends before them.
 */
import { concatBytes, copyBytes, lenientTextOf, SECOND, utf8 } from '@polyplex/base';
import { char, DecodeError, encode, fields, large, nonEmptyList, nothing, Reader, safeInt64, shortString, tagged, tail } from '@polyplex/codec';
import { bytesOfId, idOfBytes } from './ids.ts';

/** What follows the `=`. */
export const binaryElements = nonEmptyList(large);

/** What follows the `/`. */
const signed = fields({ binding: char('G'), signatures: nonEmptyList(fields({ keyRef: char('M'), signature: shortString })), message: tail });

/** What follows the `>`. */
const forwarded = fields({ sender: tagged({ M: fields({ memberId: shortString, memberName: shortString }), C: nothing }), seconds: safeInt64, element: tail });

/** Signatures as they came; who knows a key of the member's checks them. Copies, not views. */
export interface SignedBytes {
  /** `G`: bound to a group and a member, which the signed bytes begin with (directory §1.3). */
  readonly binding: string;
  readonly signatures: readonly Uint8Array[];
  /** The JSON as it was signed. */
  readonly message: Uint8Array;
}

/** Whom a message was passed on for. */
export interface ForwardedFrom {
  /** Null: the channel itself. */
  readonly memberId: string | null;
  readonly memberName: string | null;
  /** ISO 8601, UTC. */
  readonly msgTs: string;
}

export function readSigned(bytes: Uint8Array): SignedBytes {
  const { binding, signatures, message } = signed.read(new Reader(bytes));
  return { binding, signatures: signatures.map(({ signature }) => copyBytes(signature)), message: copyBytes(message) };
}

/** `/` and what follows it. */
export function signedElement({ signatures, message }: Pick<SignedBytes, 'signatures' | 'message'>): Uint8Array {
  return concatBytes(utf8('/'), encode(signed, { binding: 'G', signatures: signatures.map((signature) => ({ keyRef: 'M' as const, signature })), message }));
}

/** An element passed on: `>` and what follows it. Seconds are whole. */
export function forwardedElement({ memberId, memberName, msgTs }: ForwardedFrom, element: Uint8Array): Uint8Array {
  const sender = memberId === null
    ? { type: 'C' as const }
    : { type: 'M' as const, memberId: bytesOfId(memberId) ?? utf8(''), memberName: utf8(memberName ?? '') };
  return concatBytes(utf8('>'), encode(forwarded, { sender, seconds: Math.floor(Date.parse(msgTs) / SECOND), element }));
}

/** The body of some elements, 255 at most; their sizes are the caller's business. */
export function binaryBatch(elements: readonly Uint8Array[]): Uint8Array {
  return concatBytes(utf8('='), encode(binaryElements, [...elements]));
}

const LATEST_SECONDS = Date.UTC(9999, 0) / SECOND;

/** And what was passed on: a plain element or a signed one. */
export function readForwarded(bytes: Uint8Array): { readonly from: ForwardedFrom; readonly element: Uint8Array } {
  const { sender, seconds, element } = forwarded.read(new Reader(bytes));
  if (seconds < 0 || seconds > LATEST_SECONDS) throw new DecodeError('time out of range');
  const msgTs = new Date(seconds * 1000).toISOString();
  if (sender.type === 'C') return { from: { memberId: null, memberName: null, msgTs }, element };
  if (sender.memberId.length === 0) throw new DecodeError('not an id');
  return { from: { memberId: idOfBytes(sender.memberId), memberName: lenientTextOf(sender.memberName), msgTs }, element };
}
