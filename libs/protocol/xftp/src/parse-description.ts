/**
 * Reads file descriptions (XFTP §1.4): any YAML of that shape, in whatever style and order. Descriptions come from
 * strangers: the text is bounded, references inside it are few, and only `BAD_DESCRIPTION` escapes.
 */
import { fromBase64Url } from '@polyplex/base';
import { decodePrivateKey, nonceOf } from '@polyplex/crypto';
import { parseAddress, type ServerAddress } from '@polyplex/protocol-common';
import { parseDocument } from 'yaml';
import {
  type ChunkReplica, descriptionError, type FileChunk, type FileDescription, type FileParty, type FileRedirect, MAX_DESCRIPTION_BYTES,
} from './file-description.ts';
import { FILE_KEY_BYTES } from './file-encryptor.ts';
import { parseFileSize } from './file-size.ts';

const SHA512_BYTES = 64;
const SHA256_BYTES = 32;
/** Nothing needs them; a few are taken, a bomb of them is not. */
const MAX_ALIASES = 10;
/** Characters that open, separate or mark nodes of YAML: several times those of a 5 GiB file, and under a second to parse at worst. */
const MAX_STRUCTURE = 50_000;
const STRUCTURE = /[[{,&*!#]|[-?:](?=\s|$)/g;
/** Chunk sizes are 32 bits on the wire. */
const MAX_CHUNK_BYTES = 0xffff_ffff;

type Fields = Readonly<Record<string, unknown>>;

/** Throws `CodedError` with the code `BAD_DESCRIPTION`, whose message says what is wrong. */
export function parseDescription(text: string): FileDescription {
  const top = fieldsOf(parseYaml(text), 'file description');
  const chunkSize = chunkSizeOf(textOf(top, 'chunkSize'), 'chunkSize');
  const size = parseFileSize(textOf(top, 'size'));
  if (size === null) throw bad('size');
  const description: FileDescription = {
    party: partyOf(textOf(top, 'party')),
    size,
    digest: bytesOf(textOf(top, 'digest'), SHA512_BYTES, 'digest'),
    key: bytesOf(textOf(top, 'key'), FILE_KEY_BYTES, 'key'),
    nonce: nonceOf(bytesOf(textOf(top, 'nonce'), null, 'nonce')),
    chunkSize,
    chunks: chunksOf(replicasOf(top['replicas']), chunkSize),
    redirect: redirectOf(top['redirect']),
  };
  const total = description.chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  if (total !== size) throw descriptionError('chunks total size is different than file size');
  return description;
}

function parseYaml(text: string): unknown {
  if (text.length > MAX_DESCRIPTION_BYTES || countOf(STRUCTURE, text, MAX_STRUCTURE) === MAX_STRUCTURE) {
    throw descriptionError('file description is too long');
  }
  const value = yamlValue(text);
  if (value === undefined) throw descriptionError('file description is not YAML');
  return value;
}

/** Undefined when the text is no YAML. */
function yamlValue(text: string): unknown {
  try {
    // The check for repeated keys takes the square of their number; without it the last one counts.
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
    return document.errors.length === 0 ? (document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown) : undefined;
  } catch {
    return undefined; // deep nesting ends in a RangeError, references in others; their messages repeat the text, which holds keys
  }
}

/** How often the pattern occurs, counted up to `limit`. */
function countOf(pattern: RegExp, text: string, limit: number): number {
  let count = 0;
  for (const found of text.matchAll(pattern)) if (found.index >= 0 && ++count === limit) break;
  return count;
}

function bad(field: string): ReturnType<typeof descriptionError> {
  return descriptionError(`bad ${field} in file description`);
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(name);
  return value as Fields;
}

function textOf(fields: Fields, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value !== 'string') throw bad(name);
  return value;
}

function bytesOf(text: string, length: number | null, name: string): Uint8Array {
  const bytes = fromBase64Url(text);
  if (bytes === null || (length !== null && bytes.length !== length)) throw bad(name);
  return bytes;
}

function partyOf(text: string): FileParty {
  if (text !== 'recipient' && text !== 'sender') throw bad('party');
  return text;
}

function chunkSizeOf(text: string, name: string): number {
  const size = parseFileSize(text);
  if (size === null || size > MAX_CHUNK_BYTES) throw bad(name);
  return size;
}

/** Here the size is a number, unlike everywhere else. */
function redirectOf(value: unknown): FileRedirect | null {
  if (value === undefined || value === null) return null;
  const fields = fieldsOf(value, 'redirect');
  const size = fields['size'];
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw bad('redirect size');
  return { size, digest: bytesOf(textOf(fields, 'digest'), SHA512_BYTES, 'redirect digest') };
}

interface Replica extends ChunkReplica {
  readonly chunkNo: number;
  readonly digest: Uint8Array | null;
  readonly size: number | null;
}

/** All replicas in the order of the text. */
function replicasOf(value: unknown): Replica[] {
  if (!Array.isArray(value)) throw bad('replicas');
  return value.flatMap((item) => {
    const group = fieldsOf(item, 'replicas');
    const server = serverOf(textOf(group, 'server'));
    const chunks = group['chunks'];
    if (!Array.isArray(chunks)) throw bad('chunks');
    return chunks.map((chunk) => replicaOf(chunk, server));
  });
}

/** A password would be the sender's secret, given to all recipients. */
function serverOf(text: string): ServerAddress {
  const address = parseAddress(text);
  if (address === null || address.scheme !== 'xftp' || address.password !== null) throw bad('server');
  return { hosts: address.hosts, port: address.port, keyHash: address.keyHash };
}

const CHUNK = /^(\d{1,9}):([^:]+):([^:]+)(?::([^:]+)(?::([^:]+))?)?$/;

function replicaOf(value: unknown, server: ServerAddress): Replica {
  const parts = typeof value === 'string' ? CHUNK.exec(value) : null;
  if (parts === null) throw bad('chunk');
  const key = decodePrivateKey(bytesOf(parts[3]!, null, 'replica key'));
  if (key === null || key.kind === 'x448') throw bad('replica key');
  return {
    server,
    chunkNo: Number(parts[1]),
    replicaId: bytesOf(parts[2]!, null, 'replica id'),
    replicaKey: key as ChunkReplica['replicaKey'],
    digest: parts[4] === undefined ? null : bytesOf(parts[4], SHA256_BYTES, 'chunk digest'),
    size: parts[5] === undefined ? null : chunkSizeOf(parts[5], 'chunk size'),
  };
}

interface Chunk {
  digest: Uint8Array | null;
  size: number | null;
  readonly replicas: ChunkReplica[];
}

function chunksOf(replicas: readonly Replica[], chunkSize: number): FileChunk[] {
  const byNumber = new Map<number, Chunk>();
  for (const { chunkNo, digest, size, ...replica } of replicas) {
    let chunk = byNumber.get(chunkNo);
    if (chunk === undefined) byNumber.set(chunkNo, (chunk = { digest: null, size: null, replicas: [] }));
    if (differs(chunk.digest, digest) || (size !== null && chunk.size !== null && size !== chunk.size)) {
      throw descriptionError('different size or digest in chunk replicas');
    }
    chunk.digest ??= digest;
    chunk.size ??= size;
    chunk.replicas.push(replica);
  }
  const chunks = [...byNumber].sort(([a], [b]) => a - b);
  const complete = chunks.map(([, { digest, size, replicas: own }]) => {
    if (digest === null) throw descriptionError('no digest for chunk');
    return { size: size ?? chunkSize, digest, replicas: own };
  });
  if (chunks.some(([chunkNo], index) => chunkNo !== index + 1)) throw descriptionError('chunk numbers are not sequential');
  return complete;
}

function differs(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a !== null && b !== null && a.some((byte, i) => byte !== b[i]);
}
