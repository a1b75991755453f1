/** Queue URIs as text: `smp://<fingerprint>@<hosts>[:<port>]/<senderId>#/?v=1-4&dh=<key>…` (agent §2.3). */
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { decodePublicKey, encodePublicKey, type PublicKey } from '@polyplex/crypto';
import { formatAddress, hostKind, parseAddress, type ServerAddress } from '@polyplex/protocol-common';
import type { QueueMode, QueueUri } from './queue-address.ts';
import { formatQuery, formatVersions, parseVersions } from './query-text.ts';
import { QUEUE_MODE_VERSION } from './versions.ts';

/** From this lowest version on all hosts are in the authority; before, the others are in `srv`. */
const SEVERAL_HOSTS_VERSION = 2;
const MODE_TEXTS: Readonly<Record<QueueMode, string>> = { messaging: 'm', contact: 'c' };

export function formatQueueUri({ versions, server, senderId, key, mode }: QueueUri): string {
  const [first, ...others] = server.hosts;
  const isOld = versions.min < SEVERAL_HOSTS_VERSION;
  const authority = isOld ? { ...server, hosts: [first!] } : server;
  const query = formatQuery({
    v: formatVersions(versions),
    dh: toBase64Url(encodePublicKey(key)),
    q: mode === null ? undefined : MODE_TEXTS[mode],
    k: mode === 'messaging' && versions.min < QUEUE_MODE_VERSION ? 's' : undefined,
  });
  // Hosts need no encoding, and the comma between them stays.
  const srv = isOld && others.length > 0 ? `&srv=${others.join(',')}` : '';
  return `${formatAddress(authority, 'smp')}/${toBase64Url(senderId)}#/?${query}${srv}`;
}

const QUEUE_URI = /^(smp:\/\/[^/#?\s]+)\/([A-Za-z0-9_-]+=*)\/?#([^/?\s]*)\/?(?:\?(\S*))?$/;

/** Null for anything else. Parameters may come in any order, unknown ones too; the key also as older versions had it. */
export function parseQueueUri(text: string): QueueUri | null {
  const found = QUEUE_URI.exec(text);
  if (found === null) return null;
  const query = new URLSearchParams(found[4]);
  const server = serverOf(found[1]!, query.get('srv'));
  const senderId = fromBase64Url(found[2]!);
  const versions = query.has('v') ? parseVersions(query.get('v')) : { min: 1, max: 1 };
  const key = keyOf(found[3] === '' ? query.get('dh') : found[3]!);
  if (server === null || senderId === null || versions === null || key === null) return null;
  return { versions, server, senderId, key, mode: modeOf(query) };
}

/** The server of the authority, with the hosts that `srv` adds. */
function serverOf(authority: string, others: string | null): ServerAddress | null {
  const server = parseAddress(authority);
  if (server?.password !== null) return null;
  const hosts = [...server.hosts, ...(others === null ? [] : others.split(','))];
  return hosts.some((host) => hostKind(host) === null) ? null : { hosts, port: server.port, keyHash: server.keyHash };
}

function keyOf(text: string | null): PublicKey<'x25519'> | null {
  const der = fromBase64Url(text ?? '');
  const key = der && decodePublicKey(der);
  return key?.kind === 'x25519' ? (key as PublicKey<'x25519'>) : null;
}

function modeOf(query: URLSearchParams): QueueMode | null {
  const given = query.get('q');
  if (given === 'm' || given === 'c') return given === 'm' ? 'messaging' : 'contact';
  return query.get('k') === 's' ? 'messaging' : null;
}
