/** Short links: where a queue's link data is, and the key to it (agent §2.4). */
import { EMPTY_BYTES, fromBase64Url, toBase64Url } from '@polyplex/base';
import { type Codec, char, codec, DecodeError, encode, fields, shortBytes, shortString } from '@polyplex/codec';
import { hostKind, type ServerAddress, serverAddress } from '@polyplex/protocol-common';
import { formatQuery } from './query-text.ts';

export const LINK_ID_BYTES = 24;
export const LINK_KEY_BYTES = 32;

/** `a` contact address, `c` channel, `g` group, `r` relay. */
export type ContactKind = 'a' | 'c' | 'g' | 'r';

interface LinkPlace {
  /** Without key hash and port, and with one host, where an app has shortened the address of a server it knows. */
  readonly server: ServerAddress;
  readonly linkKey: Uint8Array;
}

export type ShortLink =
  | (LinkPlace & { readonly kind: 'i'; readonly linkId: Uint8Array })
  | (LinkPlace & { readonly kind: ContactKind });

const invitation = fields({ server: serverAddress, linkId: shortString, linkKey: shortBytes(LINK_KEY_BYTES) });
const contact = fields({ kind: char('A', 'C', 'G', 'R'), server: serverAddress, linkKey: shortBytes(LINK_KEY_BYTES) });

export const shortLink: Codec<ShortLink> = codec(
  (r) => {
    const tag = String.fromCharCode(r.byte());
    if (tag === 'I') return { kind: 'i', ...invitation.read(r) };
    if (tag !== 'C') throw new DecodeError('unknown variant');
    const { kind, ...place } = contact.read(r);
    return { ...place, kind: kind.toLowerCase() as ContactKind };
  },
  (w, link) => {
    w.byte((link.kind === 'i' ? 'I' : 'C').charCodeAt(0));
    if (link.kind === 'i') invitation.write(w, link);
    else contact.write(w, { ...link, kind: link.kind.toUpperCase() as 'A' | 'C' | 'G' | 'R' });
  },
);

/** As link data and signatures have it. */
export function encodeShortLink(link: ShortLink): Uint8Array {
  return encode(shortLink, link);
}

const unpadded = (bytes: Uint8Array): string => toBase64Url(bytes).replace(/=+$/, '');

/** `simplex`: all hosts are parameters. `server`: the first is the link's own, so that a browser asks it. */
export function formatShortLink(link: ShortLink, scheme: 'simplex' | 'server'): string {
  const { server: { hosts, port, keyHash }, linkKey } = link;
  const listed = scheme === 'simplex' ? hosts : hosts.slice(1);
  const query = formatQuery({
    h: listed.length === 0 ? undefined : listed.join(','),
    p: port === '' ? undefined : port,
    c: keyHash.length === 0 ? undefined : unpadded(keyHash),
  });
  const place = `${scheme === 'simplex' ? 'simplex:' : `https://${hosts[0]!}`}/${link.kind}`;
  const id = link.kind === 'i' ? `${unpadded(link.linkId)}/` : '';
  return `${place}#${id}${unpadded(linkKey)}${query === '' ? '' : `?${query}`}`;
}

const SHORT_LINK = /^(?:simplex:|https:\/\/([^/#?\s]+))\/([iacgr])\/?#(?:([A-Za-z0-9_-]+)\/)?([A-Za-z0-9_-]+)(?:\?(\S*))?$/;

/** Null for anything else. */
export function parseShortLink(text: string): ShortLink | null {
  const parts = SHORT_LINK.exec(text.trim());
  if (parts === null) return null;
  const [, authority, kind, idText] = parts;
  const server = serverOf(authority, new URLSearchParams(parts[5]));
  const linkKey = fromBase64Url(parts[4]!);
  if (server === null || linkKey?.length !== LINK_KEY_BYTES) return null;
  if (kind === 'i') return invitationLink(idText, { server, linkKey });
  return idText === undefined ? { kind: kind as ContactKind, server, linkKey } : null;
}

function invitationLink(idText: string | undefined, place: LinkPlace): ShortLink | null {
  const linkId = fromBase64Url(idText ?? '');
  return linkId?.length === LINK_ID_BYTES ? { kind: 'i', ...place, linkId } : null;
}

const FINGERPRINT_BYTES = 32;

function serverOf(authority: string | undefined, query: URLSearchParams): ServerAddress | null {
  const listed = query.get('h');
  const hosts = [...(authority === undefined ? [] : [authority]), ...(listed === null ? [] : listed.split(','))];
  const port = query.get('p') ?? '';
  const keyHash = keyHashOf(query.get('c'));
  const isWrong = hosts.length === 0 || hosts.some((host) => hostKind(host) === null) || !/^\d{0,5}$/.test(port);
  return isWrong || keyHash === null ? null : { hosts, port, keyHash };
}

/** Empty where it was left out; null where it is no fingerprint. */
function keyHashOf(text: string | null): Uint8Array | null {
  if (text === null) return EMPTY_BYTES;
  const hash = fromBase64Url(text);
  return hash?.length === FINGERPRINT_BYTES ? hash : null;
}
