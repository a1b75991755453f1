/**
 * The header of HAProxy's PROXY protocol, versions 1 and 2, from which only the client's address is taken (for limits;
 * design §5). A header is never guessed: the listener looks for one exactly where the peer is a trusted balancer.
 */
import { isIP } from 'node:net';

export type ProxyHeader =
  | { readonly state: 'more' }
  | { readonly state: 'malformed' }
  /** `length` bytes belong to the header; `address` is null for LOCAL and UNKNOWN (the balancer's own checks). */
  | { readonly state: 'done'; readonly length: number; readonly address: string | null };

const V1_MAX_BYTES = 107;
const V2_FIXED_BYTES = 16;
/** TLVs after the addresses are skipped; balancers add some hundred bytes at most. */
const V2_MAX_BODY_BYTES = 4096;
export const PROXY_HEADER_MAX_BYTES = V2_FIXED_BYTES + V2_MAX_BODY_BYTES;

const V1_START = Uint8Array.from('PROXY ', (char) => char.charCodeAt(0));
const V2_START = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);

const MORE: ProxyHeader = { state: 'more' };
const MALFORMED: ProxyHeader = { state: 'malformed' };

/** Reads the header at the start of what has arrived so far. */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (startsAs(bytes, V1_START)) return bytes.length < V1_START.length ? MORE : parseV1(bytes);
  if (startsAs(bytes, V2_START)) return bytes.length < V2_FIXED_BYTES ? MORE : parseV2(bytes);
  return MALFORMED;
}

function startsAs(bytes: Uint8Array, start: Uint8Array): boolean {
  const length = Math.min(bytes.length, start.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== start[i]) return false;
  return true;
}

/** `PROXY TCP4|TCP6 source destination sourcePort destinationPort CRLF`, or `PROXY UNKNOWN … CRLF`. */
function parseV1(bytes: Uint8Array): ProxyHeader {
  const head = bytes.subarray(0, V1_MAX_BYTES);
  const end = head.indexOf(0x0a);
  if (end < 0) return head.length < V1_MAX_BYTES ? MORE : MALFORMED;
  if (head[end - 1] !== 0x0d) return MALFORMED;
  const words = String.fromCharCode(...head.subarray(0, end - 1)).split(' ');
  const length = end + 1;
  if (words[1] === 'UNKNOWN') return { state: 'done', length, address: null };
  const address = sourceV1(words);
  return address === null ? MALFORMED : { state: 'done', length, address };
}

const V1_FAMILIES = new Map([['TCP4', 4], ['TCP6', 6]]);

/** The client's address when all words after `PROXY` are as they must be. */
function sourceV1([, family = '', source = '', destination = '', ...ports]: readonly string[]): string | null {
  const version = V1_FAMILIES.get(family);
  const valid = isIP(source) === version && isIP(destination) === version && ports.length === 2 && ports.every(isPort);
  return valid ? source : null;
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 0xffff;
}

function parseV2(bytes: Uint8Array): ProxyHeader {
  const body = (bytes[14]! << 8) | bytes[15]!;
  if (bytes[12]! >> 4 !== 2 || body > V2_MAX_BODY_BYTES) return MALFORMED;
  const length = V2_FIXED_BYTES + body;
  const command = bytes[12]! & 0x0f;
  if (command > 1) return MALFORMED;
  if (bytes.length < length) return MORE;
  if (command === 0) return { state: 'done', length, address: null };
  return parseV2Addresses(bytes[13]! >> 4, bytes.subarray(V2_FIXED_BYTES, length), length);
}

function parseV2Addresses(family: number, body: Uint8Array, length: number): ProxyHeader {
  if (family === 1) {
    if (body.length < 12) return MALFORMED;
    return { state: 'done', length, address: body.subarray(0, 4).join('.') };
  }
  if (family === 2) {
    if (body.length < 36) return MALFORMED;
    const groups: string[] = [];
    for (let i = 0; i < 16; i += 2) groups.push(((body[i]! << 8) | body[i + 1]!).toString(16));
    return { state: 'done', length, address: groups.join(':') };
  }
  // Unspecified and Unix sockets have no IP address; the header is valid all the same.
  return family === 0 || family === 3 ? { state: 'done', length, address: null } : MALFORMED;
}
