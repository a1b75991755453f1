/**
 * The body of an agent's message (directory §1.3), told apart by its first byte. Whatever came is read as far as it can be: a bad element
 * is a fault among the others, and stops none. Bounded in all ways: elements, depth, what is decompressed.
 */
import { textOf } from '@polyplex/base';
import { DecodeError, tryDecode } from '@polyplex/codec';
import { binaryElements, type ForwardedFrom, readForwarded, readSigned, type SignedBytes } from './binary.ts';
import { compressedBlocks, contentOf } from './compressed.ts';
import { isJsonObject } from './json-codec.ts';
import { type Fault, fault, type ParsedMessage, parseForwarded, parseJson, parseMessage, type ReceivedMessage } from './message.ts';
import { MAX_DECOMPRESSED_BYTES } from './sizes.ts';

const OBJECT = 0x7b; // "{"
const SIGNED = 0x2f; // "/"

export type BodyPart =
  | { readonly kind: 'message'; readonly message: ReceivedMessage; readonly signed: SignedBytes | null }
  /** Of a binary batch; in JSON it is `x.grp.msg.forward`. */
  | { readonly kind: 'forwarded'; readonly from: ForwardedFrom; readonly message: ReceivedMessage; readonly signed: SignedBytes | null }
  /** Of a file inside messages, which nothing here asks for. */
  | { readonly kind: 'file-chunk' }
  | Fault;

/** More than the largest batch of the smallest messages holds. */
const MAX_PARTS = 600;

/** What is inside a compressed body is not compressed again. */
type Place = 'outside' | 'inside';

/** Never throws, and is never empty. What is not read is a fault; the last one says so where there was too much. */
export function parseBody(body: Uint8Array): readonly BodyPart[] {
  if (body.length > MAX_DECOMPRESSED_BYTES) return [fault('body too large')];
  const parts: BodyPart[] = [];
  for (const part of partsOf(body, 'outside')) {
    if (parts.length === MAX_PARTS) return [...parts, fault('too many elements')];
    parts.push(part);
  }
  return parts.length === 0 ? [fault('empty')] : parts;
}

/** What came with a handshake: one message. */
export function parseConnInfo(body: Uint8Array): Extract<BodyPart, { readonly kind: 'message' | 'fault' }> {
  const [first, ...others] = parseBody(body);
  return others.length === 0 && (first?.kind === 'message' || first?.kind === 'fault') ? first : fault('not one message');
}

function* partsOf(body: Uint8Array, place: Place): Generator<BodyPart, void, void> {
  switch (String.fromCharCode(body[0] ?? 0)) {
    case '[': return yield* arrayParts(body);
    case '=': return yield* binaryParts(body.subarray(1));
    case 'X': return place === 'inside' ? yield fault('compressed twice') : yield* compressedParts(body.subarray(1));
    default: return yield readElement(body);
  }
}

function* arrayParts(body: Uint8Array): Generator<BodyPart, void, void> {
  const source = textOf(body);
  const json = source === null ? undefined : parseJson(source);
  if (!Array.isArray(json)) return yield fault('no JSON');
  for (const one of json as readonly unknown[]) yield unsigned(isJsonObject(one) ? parseMessage(one) : fault('not an object'));
}

function* binaryParts(bytes: Uint8Array): Generator<BodyPart, void, void> {
  const elements = tryDecode(binaryElements, bytes);
  if (elements === null) return yield fault('bad binary batch');
  for (const element of elements) yield readElement(element);
}

function* compressedParts(bytes: Uint8Array): Generator<BodyPart, void, void> {
  const blocks = tryDecode(compressedBlocks, bytes);
  if (blocks === null) return yield fault('bad compressed body');
  let left = MAX_DECOMPRESSED_BYTES;
  for (const block of blocks) {
    const content = orFault(() => contentOf(block, left));
    if ('kind' in content) yield content;
    else yield* partsOf(content, 'inside');
    if (!('kind' in content)) left -= content.length;
  }
}

/** A message, plain or signed, one passed on, or a piece of a file: alone or in a binary batch. */
function readElement(element: Uint8Array): BodyPart {
  const content = element.subarray(1);
  switch (String.fromCharCode(element[0] ?? 0)) {
    case '\0': return fault('empty');
    case '>': return orFault(() => passedOn(content));
    case 'F': return { kind: 'file-chunk' };
    default: return plainOrSigned(element, parseMessage);
  }
}

function plainOrSigned(element: Uint8Array, parse: typeof parseForwarded): Extract<BodyPart, { readonly kind: 'message' | 'fault' }> {
  if (element[0] === OBJECT) return unsigned(parseText(element, parse));
  if (element[0] !== SIGNED) return fault('unknown body');
  return orFault(() => {
    const signed = readSigned(element.subarray(1));
    const parsed = parseText(signed.message, parse);
    return parsed.kind === 'fault' ? parsed : { ...parsed, signed };
  });
}

function passedOn(content: Uint8Array): BodyPart {
  const { from, element } = readForwarded(content);
  const part = plainOrSigned(element, parseForwarded);
  return part.kind === 'fault' ? part : { ...part, kind: 'forwarded', from };
}

function parseText(bytes: Uint8Array, parse: typeof parseForwarded): ParsedMessage {
  const source = textOf(bytes);
  const json = source === null ? undefined : parseJson(source);
  return isJsonObject(json) ? parse(json) : fault('no JSON');
}

function unsigned(parsed: ParsedMessage): Extract<BodyPart, { readonly kind: 'message' | 'fault' }> {
  return parsed.kind === 'fault' ? parsed : { ...parsed, signed: null };
}

function orFault<T extends object>(read: () => T): T | Fault {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) return fault(error.reason);
    throw error;
  }
}
