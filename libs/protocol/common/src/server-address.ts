/** Server addresses as text and inside PRXY (SMP §1.1, §1.4). */
import { fromBase64Url, lenientTextOf, toBase64Url, utf8 } from '@polyplex/base';
import { type Codec, DecodeError, fields, mapped, nonEmptyList, shortString } from '@polyplex/codec';

export type Scheme = 'smp' | 'xftp' | 'ntf';
export type HostKind = 'ipv4' | 'ipv6' | 'onion' | 'domain';

export interface ServerAddress {
  /** At least one; several are the same server under several names. */
  readonly hosts: readonly string[];
  /** Decimal text; empty means the protocol's default port. */
  readonly port: string;
  /** SHA-256 of the id certificate. */
  readonly keyHash: Uint8Array;
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const ONION = /^[a-z0-9]*\.onion$/;
const DOMAIN = /^[^:#,;/ \r\n\t]+$/;
const IPV6_GROUPS = 8;

/** The kind of a host text, in the order of SMP §1.4; null when it is none. */
export function hostKind(text: string): HostKind | null {
  if (isIpv4(text)) return 'ipv4';
  if (isIpv6(unbracket(text))) return 'ipv6';
  if (ONION.test(text)) return 'onion';
  return DOMAIN.test(text) && !text.endsWith('.onion') && !/^(\d+\.){4,}\d+$/.test(text) ? 'domain' : null;
}

function isIpv4(text: string): boolean {
  return IPV4.exec(text)?.slice(1).every((part) => Number(part) <= 255) ?? false;
}

/** Groups of four digits, at most one run of them left out as `::`, the last two perhaps as an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const endsInIpv4 = isIpv4(last) && text.endsWith(last);
  const digits = endsInIpv4 ? groups.slice(0, -1) : groups;
  const count = digits.length + (endsInIpv4 ? 2 : 0);
  const isComplete = halves.length === 1 ? count === IPV6_GROUPS : halves.length === 2 && count < IPV6_GROUPS;
  return isComplete && digits.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group));
}

function unbracket(text: string): string {
  return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
}

const host: Codec<string> = mapped(
  shortString,
  (bytes) => {
    const text = lenientTextOf(bytes);
    if (hostKind(text) === null) throw new DecodeError('bad host');
    return unbracket(text);
  },
  utf8,
);

const port: Codec<string> = mapped(
  shortString,
  (bytes) => {
    const text = lenientTextOf(bytes);
    if (!/^\d{0,5}$/.test(text)) throw new DecodeError('bad port');
    return text;
  },
  utf8,
);

/** non-empty list of hosts ‖ port ‖ keyHash. */
export const serverAddress: Codec<ServerAddress> = fields({ hosts: nonEmptyList(host), port, keyHash: shortString });

/** The same with exactly one host, and no count before it: the oldest form (agent §2.6). */
export const oneHostServerAddress: Codec<ServerAddress> = mapped(
  fields({ host, port, keyHash: shortString }),
  ({ host: only, ...rest }) => ({ hosts: [only], ...rest }),
  ({ hosts, ...rest }) => ({ host: hosts[0]!, ...rest }),
);

/** "Basic auth": printable, without white space, `@`, `:` and `/`; not empty (SMP §1.4). */
export function isServerPassword(text: string): boolean {
  return /^[\x21-\x7e\xa1-\xff]+$/.test(text) && !/[@:/]/.test(text);
}

export const serverPassword: Codec<string> = mapped(
  shortString,
  (bytes) => {
    const text = lenientTextOf(bytes);
    if (!isServerPassword(text)) throw new DecodeError('bad password');
    return text;
  },
  utf8,
);

export interface AddressText extends ServerAddress {
  readonly scheme: Scheme;
  readonly password: string | null;
}

const ADDRESS = /^(smp|xftp|ntf):\/\/([A-Za-z0-9_-]+=*)(?::([^@]*))?@([^/]+?)\/?$/;

/** Parses `smp://<fingerprint>[:<password>]@<host>[,<host>...][:<port>]`; null for anything else. */
export function parseAddress(text: string): AddressText | null {
  const parts = ADDRESS.exec(text.trim());
  if (parts === null) return null;
  const keyHash = fromBase64Url(parts[2]!);
  const password = parts[3] ?? null;
  if (keyHash === null || keyHash.length !== 32 || (password !== null && !isServerPassword(password))) return null;
  const { hostText, portText } = splitPort(parts[4]!);
  const hosts = hostText.split(',').map(unbracket);
  if (hosts.some((h) => hostKind(h) === null) || Number(portText) > 65_535) return null;
  return { scheme: parts[1] as Scheme, keyHash, password, hosts, port: portText };
}

function splitPort(text: string): { hostText: string; portText: string } {
  const found = /^(.*):(\d{1,5})$/.exec(text);
  if (found === null) return { hostText: text, portText: '' };
  const lastHost = found[1]!.slice(found[1]!.lastIndexOf(',') + 1);
  const isBareIpv6 = lastHost.includes(':') && !lastHost.endsWith(']');
  return isBareIpv6 ? { hostText: text, portText: '' } : { hostText: found[1]!, portText: found[2]! };
}

export function formatAddress(address: ServerAddress, scheme: Scheme, password: string | null = null): string {
  const secret = password === null ? '' : `:${password}`;
  const last = address.hosts.length - 1;
  // An IPv6 host before a port is bracketed, or its end could not be told from the port.
  const hosts = address.hosts.map((h, i) => (i === last && address.port !== '' && hostKind(h) === 'ipv6' ? `[${h}]` : h));
  const suffix = address.port === '' ? '' : `:${address.port}`;
  return `${scheme}://${toBase64Url(address.keyHash)}${secret}@${hosts.join(',')}${suffix}`;
}
