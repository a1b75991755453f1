/**
 * IP addresses as text, as limits and the address policy need them (design §4): a key for counting by client, and
 * whether an address belongs to the public internet. Text that is no address is never public and shares one key.
 */
import { isIP } from 'node:net';

export interface IpAddress {
  readonly family: 4 | 6;
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
}

/** Reads an IPv4 or IPv6 address; a zone (`%eth0`) is dropped, `::ffff:a.b.c.d` becomes IPv4. Null for anything else. */
export function parseIpAddress(text: string): IpAddress | null {
  const zone = text.indexOf('%');
  const address = zone < 0 ? text : text.slice(0, zone);
  const family = isIP(address);
  if (family === 4) return { family: 4, bytes: ipv4Bytes(address) };
  if (family !== 6) return null;
  const bytes = ipv6Bytes(address);
  return hasPrefix(bytes, MAPPED) ? { family: 4, bytes: bytes.slice(12) } : { family: 6, bytes };
}

/** What limits count by: the IPv4 address, or the /64 of an IPv6 address; `unknown` where there is none. */
export function addressKeyOf(text: string | undefined): string {
  const address = text === undefined ? null : parseIpAddress(text);
  if (address === null) return 'unknown';
  if (address.family === 4) return address.bytes.join('.');
  let key = '';
  for (let i = 0; i < 8; i += 2) key += ((address.bytes[i]! << 8) | address.bytes[i + 1]!).toString(16) + ':';
  return `${key}:/64`;
}

/**
 * Whether an address is one of the public internet: not private, loopback, link-local, shared (CGNAT), multicast,
 * reserved or for documentation. An IPv4 address inside NAT64 (64:ff9b::/96) is judged by itself; 6to4 and Teredo,
 * which carry one as well, are never public.
 */
export function isPublicAddress(text: string): boolean {
  const address = parseIpAddress(text);
  if (address === null) return false;
  if (address.family === 4) return isPublicIpv4(address.bytes);
  if (hasPrefix(address.bytes, NAT64)) return isPublicIpv4(address.bytes.slice(12));
  return inRange(address.bytes, GLOBAL_UNICAST) && !NOT_PUBLIC_6.some((range) => inRange(address.bytes, range));
}

interface Range {
  readonly start: Uint8Array;
  readonly bits: number;
}

const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
const NAT64 = Uint8Array.of(0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0);

/** IANA special-purpose registry (RFC 6890 and successors), all that is not globally reachable. */
const NOT_PUBLIC_4: readonly Range[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
].map(range);

const GLOBAL_UNICAST = range('2000::/3');
const NOT_PUBLIC_6: readonly Range[] = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'].map(range);

function range(text: string): Range {
  const [start, bits] = text.split('/');
  return { start: start!.includes(':') ? ipv6Bytes(start!) : ipv4Bytes(start!), bits: Number(bits) };
}

function isPublicIpv4(bytes: Uint8Array): boolean {
  return !NOT_PUBLIC_4.some((each) => inRange(bytes, each));
}

function inRange(bytes: Uint8Array, { start, bits }: Range): boolean {
  for (let i = 0, left = bits; left > 0; i++, left -= 8) {
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff;
    if ((bytes[i]! & mask) !== (start[i]! & mask)) return false;
  }
  return true;
}

function hasPrefix(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}

function ipv4Bytes(text: string): Uint8Array {
  return Uint8Array.from(text.split('.'), Number);
}

/** `text` has passed `isIP`; an IPv4 tail and one `::` may occur. */
function ipv6Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const [head, tail] = text.split('::');
  const before = groupBytes(head!);
  const after = groupBytes(tail ?? '');
  bytes.set(before, 0);
  bytes.set(after, 16 - after.length);
  return bytes;
}

function groupBytes(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return [...ipv4Bytes(group)];
    const word = Number.parseInt(group, 16);
    return [word >> 8, word & 0xff];
  });
}
