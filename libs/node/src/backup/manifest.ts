/**
 * What a backup says of itself, in `manifest.json`: written last, so that a folder that has one is whole. Bodies of files are
 * not listed: the records, which are, have the digest of each.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '@polyplex/base';
import { z } from 'zod';
import { NodeError } from '../node-error.ts';
import { fileFacts } from './durable-files.ts';

export const MANIFEST_FILE = 'manifest.json';
/** Folders in a backup. */
export const CONFIG_FOLDER = 'config';
export const STATISTICS_FOLDER = 'statistics';
export const BODIES_FOLDER = 'files';
export const RECORDS_FOLDER = 'records';
export const QUEUES_FOLDER = 'queues';
export const TOKENS_FOLDER = 'tokens';
/** The data file of an embedded engine. */
export const DATA_FILE = 'data.mdb';

const FORMAT = 1;
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Within the backup: no step leads out of it. */
const PATH = /^(?!.*(^|\/)\.{1,2}(\/|$))[^/\0\\]+(\/[^/\0\\]+){0,7}$/;

const count = z.number().int().nonnegative();

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  server: z.enum(['smp', 'xftp', 'ntf']),
  /** Version of the program that made it. */
  program: z.string().max(100),
  /** ISO 8601: all that was answered before is in it. */
  startedAt: z.string().max(40),
  endedAt: z.string().max(40),
  /** Of the CA certificate, base64url: what the server's address begins with. */
  fingerprint: z.string().max(100),
  /** What the data holds, by name. */
  counts: z.record(z.string(), count),
  /** Of a file server. */
  bodies: z.strictObject({ count, bytes: count }).nullable(),
  files: z.array(z.strictObject({ path: z.string().regex(PATH), bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) })).max(10_000),
});

export type Manifest = z.infer<typeof manifestSchema>;

export function manifestText(manifest: Omit<Manifest, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...manifest } satisfies Manifest, null, 2)}\n`;
}

/** Rejects with `NodeError` STORAGE for what is no backup, or not a whole one. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST_FILE);
  let text: string;
  try {
    if ((await stat(path)).size > MAX_MANIFEST_BYTES) throw new NodeError('STORAGE', 'it is too large');
    text = await readFile(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new NodeError('STORAGE', isMissing ? `${folder} is no backup, or not a whole one: there is no ${MANIFEST_FILE} in it` : `${path} cannot be read: ${errorText(error)}`, { cause: error });
  }
  const parsed = manifestSchema.safeParse(parsedJson(text));
  if (parsed.success) return parsed.data;
  const format = (parsedJson(text) as { format?: unknown } | null)?.format;
  throw new NodeError('STORAGE', typeof format === 'number' && format > FORMAT ? `the backup has format ${String(format)}, this release reads up to ${String(FORMAT)}: use a newer one` : `${path} is damaged: use another backup`);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // damaged, which the caller says
  }
}

/** Reads all files but bodies; rejects with `NodeError` STORAGE naming the first that is missing or has changed. */
export async function checkFiles(folder: string, { files }: Manifest, options: { readonly signal?: AbortSignal; readonly onFile?: (path: string) => void } = {}): Promise<void> {
  for (const { path, bytes, sha256 } of files) {
    const facts = await fileFacts(join(folder, path), options.signal).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      throw new NodeError('STORAGE', `${path} of the backup cannot be read: ${errorText(error)}`, { cause: error });
    });
    if (facts.bytes !== bytes || facts.sha256 !== sha256) throw new NodeError('STORAGE', `${path} of the backup is damaged: use another one`);
    options.onFile?.(path);
  }
}
