/**
 * The text of a file description in the exact style of XFTP §1.4, byte for byte as the reference writes it: the official
 * web client reads it line by line and copes with nothing else.
 */
import { toBase64Url } from '@polyplex/base';
import { encodePrivateKey } from '@polyplex/crypto';
import { formatAddress, hostKind, type ServerAddress } from '@polyplex/protocol-common';
import type { ChunkReplica, FileDescription } from './file-description.ts';
import { formatFileSize } from './file-size.ts';

/** Ends with a line end; lines are in alphabetical order of their keys. */
export function formatDescription(description: FileDescription): string {
  const { chunkSize, digest, key, nonce, party, redirect, size } = description;
  const lines = [
    `chunkSize: ${formatFileSize(chunkSize)}`,
    `digest: ${toBase64Url(digest)}`,
    `key: ${toBase64Url(key)}`,
    `nonce: ${toBase64Url(nonce)}`,
    `party: ${party}`,
    ...(redirect === null ? [] : ['redirect:', `  digest: ${toBase64Url(redirect.digest)}`, `  size: ${redirect.size}`]),
    'replicas:',
    ...groupLines(description),
    `size: ${formatFileSize(size)}`,
  ];
  return `${lines.join('\n')}\n`;
}

interface Group {
  readonly server: ServerAddress;
  readonly chunks: string[];
}

/** One group for each server, in the order of the servers; chunks go in by their numbers. */
function groupLines({ chunks, chunkSize }: FileDescription): string[] {
  const groups = new Map<string, Group>();
  chunks.forEach((chunk, index) => {
    const size = chunk.size === chunkSize ? '' : `:${formatFileSize(chunk.size)}`;
    chunk.replicas.forEach((replica, place) => {
      const server = formatAddress(replica.server, 'xftp');
      let group = groups.get(server);
      if (group === undefined) groups.set(server, (group = { server: replica.server, chunks: [] }));
      // Digest and size are said once, with the first replica.
      const facts = place === 0 ? `:${toBase64Url(chunk.digest)}${size}` : '';
      group.chunks.push(`  - ${index + 1}:${replicaText(replica)}${facts}`);
    });
  });
  const sorted = [...groups].sort(([, a], [, b]) => compareServers(a.server, b.server));
  return sorted.flatMap(([server, group]) => ['- chunks:', ...group.chunks, `  server: ${server}`]);
}

function replicaText({ replicaId, replicaKey }: ChunkReplica): string {
  return `${toBase64Url(replicaId)}:${toBase64Url(encodePrivateKey(replicaKey))}`;
}

const HOST_KINDS: readonly ReturnType<typeof hostKind>[] = ['ipv4', 'ipv6', 'onion', 'domain'];

/** By hosts (addresses before names), then port, then fingerprint. */
function compareServers(a: ServerAddress, b: ServerAddress): number {
  const shared = Math.min(a.hosts.length, b.hosts.length);
  for (let i = 0; i < shared; i++) {
    const order = compareHosts(a.hosts[i]!, b.hosts[i]!);
    if (order !== 0) return order;
  }
  return a.hosts.length - b.hosts.length || compareTexts(a.port, b.port) || compareTexts(sortable(a.keyHash), sortable(b.keyHash));
}

function compareHosts(a: string, b: string): number {
  const kind = hostKind(a);
  const order = HOST_KINDS.indexOf(kind) - HOST_KINDS.indexOf(hostKind(b));
  return order || (kind === 'ipv4' ? compareTexts(sortableIpv4(a), sortableIpv4(b)) : compareTexts(a, b));
}

const compareTexts = (a: string, b: string): number => Number(a > b) - Number(a < b);
const sortableIpv4 = (host: string): string => host.split('.').map((part) => part.padStart(3, '0')).join('.');
const sortable = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
