/** File descriptions as the reference writes them, the rules of reading, and texts of strangers (XFTP §1.4). */
import { describe, expect, it } from 'vitest';
import { toBase64Url } from '@polyplex/base';
import { decodePrivateKey, encodePrivateKey, generateKeyPair, type PrivateKey } from '@polyplex/crypto';
import { parseAddress } from '@polyplex/protocol-common';
import { type ChunkReplica, type FileDescription, formatDescription, MAX_DESCRIPTION_BYTES, parseDescription } from '../src/index.ts';
import { cliDescription, cliFiles, type DescriptionVector, files, type ReplicaVector, unhex } from './wire-vectors.ts';

function replicaOf({ server, replicaId, replicaKeyPkcs8 }: ReplicaVector): ChunkReplica {
  const { hosts, port, keyHash } = parseAddress(server)!;
  return { server: { hosts, port, keyHash }, replicaId: unhex(replicaId), replicaKey: decodePrivateKey(unhex(replicaKeyPkcs8)) as PrivateKey<'ed25519'> };
}

function descriptionOf(vector: DescriptionVector): FileDescription {
  return {
    party: vector.name.startsWith('sender') ? 'sender' : 'recipient',
    size: vector.size,
    digest: unhex(vector.digest),
    key: unhex(vector.key),
    nonce: unhex(vector.nonce),
    chunkSize: vector.chunkSize,
    chunks: vector.chunks.map(({ chunkSize, digest, replicas }) => ({ size: chunkSize, digest: unhex(digest), replicas: replicas.map(replicaOf) })),
    redirect: vector.redirect === null ? null : { size: vector.redirect.size, digest: unhex(vector.redirect.digest) },
  };
}

describe('descriptions of the reference', () => {
  it.each(files.descriptions.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const description = descriptionOf(vector);
    expect(formatDescription(description)).toBe(vector.yaml);
    const read = parseDescription(vector.yaml);
    expect({ ...read, chunks: inAnyOrder(read) }).toEqual({ ...description, chunks: inAnyOrder(description) });
  });

  /** Which replica comes first is the order of the text, where groups are sorted. */
  const inAnyOrder = ({ chunks }: FileDescription): unknown =>
    chunks.map((chunk) => ({ ...chunk, replicas: [...chunk.replicas].sort((a, b) => a.server.hosts[0]!.localeCompare(b.server.hosts[0]!)) }));

  it.each(cliFiles.flatMap((file) => [...file.recipientDescriptions, file.senderDescription]))('%s', (path) => {
    const text = cliDescription(path);
    expect(formatDescription(parseDescription(text))).toBe(text);
  });
});

const key = toBase64Url(encodePrivateKey(generateKeyPair('ed25519').privateKey));
const digest = toBase64Url(new Uint8Array(32).fill(7));
const otherDigest = toBase64Url(new Uint8Array(32).fill(8));
const fingerprint = toBase64Url(new Uint8Array(32).fill(9));

interface Parts {
  readonly [field: string]: string | undefined;
}

/** A text with one chunk of 64 kb, but for the given lines. Undefined leaves one out. */
function text(changes: Parts = {}): string {
  const parts: Parts = {
    chunkSize: '64kb', digest: toBase64Url(new Uint8Array(64)), key: toBase64Url(new Uint8Array(32)), nonce: toBase64Url(new Uint8Array(24)),
    party: 'recipient', replicas: replicas([`1:AQ==:${key}:${digest}`]), size: '64kb', ...changes,
  };
  return Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\n`])).join('');
}

const replicas = (...groups: readonly (readonly string[])[]): string =>
  `\n${groups.map((chunks, i) => `- chunks:\n${chunks.map((chunk) => `  - ${chunk}\n`).join('')}  server: xftp://${fingerprint}@host${i}`).join('\n')}`;

const refused = (message: string): Error => expect.objectContaining({ code: 'BAD_DESCRIPTION', message }) as Error;

describe('rules of reading', () => {
  it('the base of the lines below can be read', () => {
    expect(parseDescription(text())).toMatchObject({ size: 65_536, chunks: [{ size: 65_536 }], redirect: null });
  });

  const wrong: readonly (readonly [string, Parts | string, string])[] = [
    ['nothing', '', 'bad file description in file description'],
    ['a list', '- 1\n', 'bad file description in file description'],
    ['no YAML', '{', 'file description is not YAML'],
    ['two documents', `${text()}---\n${text()}`, 'file description is not YAML'],
    ['no party', { party: undefined }, 'bad party in file description'],
    ['another party', { party: 'relay' }, 'bad party in file description'],
    ['no size', { size: undefined }, 'bad size in file description'],
    ['a bare number as size', { size: '65536' }, 'bad size in file description'],
    ['a bare number as chunk size', { chunkSize: '65536' }, 'bad chunkSize in file description'],
    ['a size of no known unit', { size: '1tb' }, 'bad size in file description'],
    ['a chunk size above 32 bits', { chunkSize: '4gb' }, 'bad chunkSize in file description'],
    ['no digest', { digest: undefined }, 'bad digest in file description'],
    ['a SHA-256 as digest', { digest }, 'bad digest in file description'],
    ['a digest that is no base64url', { digest: '"a/b+"' }, 'bad digest in file description'],
    ['a key that is too short', { key: toBase64Url(new Uint8Array(31)) }, 'bad key in file description'],
    ['an empty nonce', { nonce: '""' }, 'bad nonce in file description'],
    ['no replicas', { replicas: undefined }, 'bad replicas in file description'],
    ['replicas that are no list', { replicas: 'none' }, 'bad replicas in file description'],
    ['a group without chunks', { replicas: `\n- server: xftp://${fingerprint}@host` }, 'bad chunks in file description'],
    ['a group without server', { replicas: '\n- chunks: []' }, 'bad server in file description'],
    ['a server of another protocol', { replicas: `\n- chunks: []\n  server: smp://${fingerprint}@host` }, 'bad server in file description'],
    ['a server with a password', { replicas: `\n- chunks: []\n  server: xftp://${fingerprint}:secret@host` }, 'bad server in file description'],
    ['a chunk that is no text', { replicas: replicas(['[]']) }, 'bad chunk in file description'],
    ['a chunk of two fields', { replicas: replicas(['1:AQ==']) }, 'bad chunk in file description'],
    ['a chunk of six fields', { replicas: replicas([`1:AQ==:${key}:${digest}:64kb:x`]) }, 'bad chunk in file description'],
    ['a size without a digest', { replicas: replicas([`1:AQ==:${key}::64kb`]) }, 'bad chunk in file description'],
    ['a number that is none', { replicas: replicas([`x:AQ==:${key}:${digest}`]) }, 'bad chunk in file description'],
    ['a negative number', { replicas: replicas([`-1:AQ==:${key}:${digest}`]) }, 'bad chunk in file description'],
    ['an id that is no base64url', { replicas: replicas([`1:A:${key}:${digest}`]) }, 'bad replica id in file description'],
    ['a key that is no DER', { replicas: replicas([`1:AQ==:AQ==:${digest}`]) }, 'bad replica key in file description'],
    ['an X448 key', { replicas: replicas([`1:AQ==:${toBase64Url(encodePrivateKey(generateKeyPair('x448').privateKey))}:${digest}`]) }, 'bad replica key in file description'],
    ['a SHA-512 of a chunk', { replicas: replicas([`1:AQ==:${key}:${toBase64Url(new Uint8Array(64))}`]) }, 'bad chunk digest in file description'],
    ['a chunk size of no known unit', { replicas: replicas([`1:AQ==:${key}:${digest}:64kib`]) }, 'bad chunk size in file description'],
    ['a redirect that is no record', { redirect: 'yes' }, 'bad redirect in file description'],
    ['a redirect size with a unit', { redirect: `{ size: 64kb, digest: ${toBase64Url(new Uint8Array(64))} }` }, 'bad redirect size in file description'],
    ['a redirect without digest', { redirect: '{ size: 1 }' }, 'bad digest in file description'],
    ['another digest in a second replica', { replicas: replicas([`1:AQ==:${key}:${digest}`], [`1:AQ==:${key}:${otherDigest}`]) }, 'different size or digest in chunk replicas'],
    ['another size in a second replica', { replicas: replicas([`1:AQ==:${key}:${digest}:64kb`], [`1:AQ==:${key}:${digest}:256kb`]) }, 'different size or digest in chunk replicas'],
    ['a chunk without a digest', { replicas: replicas([`1:AQ==:${key}`]) }, 'no digest for chunk'],
    ['a chunk missing', { replicas: replicas([`1:AQ==:${key}:${digest}`, `3:AQ==:${key}:${digest}`]) }, 'chunk numbers are not sequential'],
    ['numbers from 0', { replicas: replicas([`0:AQ==:${key}:${digest}`]) }, 'chunk numbers are not sequential'],
    ['another total', { size: '128kb' }, 'chunks total size is different than file size'],
    ['no chunks of a file', { replicas: '[]' }, 'chunks total size is different than file size'],
  ];
  it.each(wrong)('%s', (_, changes, message) => {
    expect(() => parseDescription(typeof changes === 'string' ? changes : text(changes))).toThrow(refused(message));
  });

  it('takes any order of keys, groups and chunks, and any style of YAML', () => {
    const two = replicas([`2:Ag==:${key}:${digest}:256kb`], [`1:AQ==:${key}:${digest}`]);
    const block = text({ size: '320kb', replicas: two });
    const flow = `# a comment\n--- {nonce: "${toBase64Url(new Uint8Array(24))}", 'size': 320kb, party: !!str recipient, unknown: 1,
      key: ${toBase64Url(new Uint8Array(32)).replace(/=+$/, '')}, digest: &d ${toBase64Url(new Uint8Array(64))}, chunkSize: "64\\x6bb", also: *d, replicas: [
      {server: 'xftp://${fingerprint}@host0', chunks: ['2:Ag==:${key}:${digest}:256kb']}, {chunks: ['1:AQ==:${key}:${digest}'], server: 'xftp://${fingerprint}@host1'}]}\n...\n`;
    expect(parseDescription(flow)).toEqual(parseDescription(block));
    expect(parseDescription(block).chunks.map(({ size }) => size)).toEqual([65_536, 262_144]);
  });

  it('a key that comes twice counts as it came last', () => {
    expect(parseDescription(`${text({ party: 'sender' })}party: recipient\n`).party).toBe('recipient');
  });

  it('a digest and size may come with any replica, and again', () => {
    const parts = { replicas: replicas([`1:AQ==:${key}`], [`1:Ag==:${key}:${digest}:64kb`], [`1:Aw==:${key}:${digest}`]) };
    expect(parseDescription(text(parts)).chunks[0]!.replicas.map(({ replicaId }) => replicaId[0])).toEqual([1, 2, 3]);
  });

  it.each([[8, 8], [24, 24], [30, 24]])('a nonce of %i bytes is cut or filled up', (length, kept) => {
    const { nonce } = parseDescription(text({ nonce: toBase64Url(new Uint8Array(length).fill(1)) }));
    expect([...nonce]).toEqual([...new Array<number>(kept).fill(1), ...new Array<number>(24 - kept).fill(0)]);
  });
});

describe('order of groups in the text', () => {
  const hosts = [['2.3.4.5'], ['10.0.0.1'], ['::1'], ['abcdefghijklmnop.onion'], ['a.example'], ['a.example', 'b.example'], ['b.example']];
  it('addresses by their numbers, then onions, then names; ports; fingerprints', () => {
    const servers = [
      ...hosts.map((names) => ({ hosts: names, port: '', keyHash: new Uint8Array(32) })),
      { hosts: ['c.example'], port: '443', keyHash: new Uint8Array(32).fill(1) },
      { hosts: ['c.example'], port: '443', keyHash: new Uint8Array(32).fill(2) },
      { hosts: ['c.example'], port: '5443', keyHash: new Uint8Array(32) },
    ];
    const base = parseDescription(text());
    const { replicaId, replicaKey } = base.chunks[0]!.replicas[0]!;
    const chunks = [{ ...base.chunks[0]!, replicas: [...servers].reverse().map((server) => ({ server, replicaId, replicaKey })) }];
    const read = parseDescription(formatDescription({ ...base, chunks }));
    expect(read.chunks[0]!.replicas.map(({ server }) => server)).toEqual(servers);
  });
});

describe('texts of strangers', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, i) => `${'bcdefghij'[i]}: &${'bcdefghij'[i]} [${`*${'abcdefghi'[i]},`.repeat(9)}x]\n`).join('')}`;
  const hostile: readonly (readonly [string, string, string])[] = [
    ['a bomb of references', `${bomb}${text()}`, 'file description is not YAML'],
    ['a reference to itself', `a: &a [*a]\n${text({ party: undefined })}`, 'bad party in file description'],
    ['lists in lists', '['.repeat(20_000), 'file description is not YAML'],
    ['records in records', '{a: '.repeat(10_000), 'file description is not YAML'],
    ['lists without end', '- '.repeat(50_000), 'file description is too long'],
    ['keys without end', text() + 'a:\n'.repeat(60_000), 'file description is too long'],
    ['a text without end', ' '.repeat(MAX_DESCRIPTION_BYTES + 1), 'file description is too long'],
    ['a prototype', `${text({ party: undefined })}__proto__: {party: recipient}\n`, 'bad party in file description'],
    ['a huge chunk number', text({ replicas: replicas([`999999999:AQ==:${key}:${digest}`]) }), 'chunk numbers are not sequential'],
    ['a chunk number beyond all', text({ replicas: replicas([`99999999999999999999:AQ==:${key}:${digest}`]) }), 'bad chunk in file description'],
    ['a huge size', text({ size: '8388607gb' }), 'chunks total size is different than file size'],
    ['a tag', text({ party: '!!binary cmVjaXBpZW50' }), 'bad party in file description'],
  ];
  it.each(hostile)('%s', (_, yaml, message) => {
    expect(() => parseDescription(yaml)).toThrow(refused(message));
  });

  it('messages do not repeat what was read', () => {
    const secret = toBase64Url(new Uint8Array(32).fill(0xab));
    for (const yaml of [`key: ${secret}\n: [`, text({ key: `${secret}x!` }), `${secret}\t${secret}: {`]) {
      expect(() => parseDescription(yaml)).toThrow(expect.objectContaining({ code: 'BAD_DESCRIPTION', message: expect.not.stringContaining(secret) as string, cause: undefined }) as Error);
    }
  });

  it('thousands of chunks are read', () => {
    const count = 5000;
    const many = replicas(Array.from({ length: count }, (_, i) => `${count - i}:AQ==:${key}:${digest}`));
    expect(parseDescription(text({ size: formatBytes(count * 65_536), replicas: many })).chunks).toHaveLength(count);
  });
});

const formatBytes = (bytes: number): string => `"${bytes}"`;
