/** Stores with something in them, and transfer files in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openEmbeddedStore } from '@polyplex/store-embedded';
import type { QueueStore, StoredQueue } from '@polyplex/store-contract';
import {
  exportStore, expectedTotals, importStore, type Imported, type Position, readTransfer, type ResumePoint, type TransferPart, TransferWriter,
} from '../src/index.ts';

export const bytes = (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length));
export const START: Position = { of: 'services', cursor: null };
const CREATED_AT = 1_700_000_000;

interface Folder {
  readonly path: string;
  readonly open: () => Promise<QueueStore>;
}

/** A folder for a store, removed after the test. */
function newFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'polyplex-transfer-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return { path, open: () => openEmbeddedStore({ path }) };
}

/** An empty store, closed after the test. */
export async function newStore(): Promise<QueueStore> {
  const store = await newFolder().open();
  onTestFinished(() => store.close());
  return store;
}

export function newQueue(messages: number, bodyBytes = 100, parts: Partial<StoredQueue['record']> = {}): StoredQueue {
  const stored = Array.from({ length: messages }, (_, i) => ({ kind: 'message' as const, msgId: bytes(24), ts: i, notify: false, body: bytes(bodyBytes) }));
  return {
    record: {
      recipientId: bytes(24), recipientKeys: [{ kind: 'ed25519', raw: bytes(32) }], dhSecret: bytes(32), senderId: bytes(24), senderKey: null,
      mode: 'M', linkId: bytes(24), status: { state: 'active' }, serviceId: null, usedDay: 86_400, revision: 3,
      notifier: { notifierId: bytes(24), notifierKey: { kind: 'x25519', raw: bytes(32) }, dhSecret: bytes(32), serviceId: bytes(24) }, ...parts,
    },
    link: { fixedData: bytes(50), userData: bytes(60) },
    messages: stored,
    notifications: stored.slice(0, 2).map(({ ts }) => ({ ts, nonce: bytes(24), encMeta: bytes(144) })),
    lastId: stored.at(-1)?.msgId ?? new Uint8Array(0),
  };
}

const newService = (role: 'M' | 'N' | 'P') => ({ serviceId: bytes(24), role, fingerprint: bytes(32), chain: [bytes(500)], createdAt: 7 });

/** Writes queues and services of every role. */
export async function furnish(store: QueueStore, queues: readonly StoredQueue[]): Promise<void> {
  await Promise.all((['M', 'N', 'P'] as const).map((role) => store.writeService(newService(role))));
  await Promise.all(queues.map((queue) => store.writeQueue(queue)));
}

export interface ExportedFile {
  readonly file: Uint8Array;
  readonly interrupted: boolean;
  readonly damaged: number;
}

export interface Exporting {
  readonly from?: ResumePoint;
  readonly before?: Uint8Array;
  readonly skipDamaged?: boolean;
  /** Interrupts after so many pages. */
  readonly pages?: number;
}

/** The file of a store; with `from`, only what goes behind `before`. */
export async function exported(store: QueueStore, { from, before, skipDamaged = false, pages = Infinity }: Exporting = {}): Promise<ExportedFile> {
  const written: Uint8Array[] = before === undefined ? [] : [before];
  const writer = new TransferWriter(async (chunk) => void written.push(chunk), from);
  if (from === undefined) {
    await writer.begin({ createdAt: CREATED_AT, engine: 'embedded', program: 'test', expected: expectedTotals(await store.counts()) }, START);
  }
  const controller = new AbortController();
  let page = 0;
  const { checksum, damaged } = await exportStore(store, writer, {
    from: from?.position ?? START,
    skipDamaged,
    signal: controller.signal,
    progress: () => {
      if (++page >= pages) controller.abort();
    },
  });
  return { file: Buffer.concat(written), interrupted: checksum === null, damaged };
}

/** A file in chunks of this many bytes. */
export async function* chunksOf(file: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

export async function partsOf(chunks: AsyncIterable<Uint8Array>): Promise<TransferPart[]> {
  const parts: TransferPart[] = [];
  for await (const part of readTransfer(chunks)) parts.push(part);
  return parts;
}

/** `blocks`: interrupts after so many. */
export function imported(store: Pick<QueueStore, 'writeQueue' | 'writeService'>, file: Uint8Array, blocks = Infinity): Promise<Imported> {
  const controller = new AbortController();
  let block = 0;
  return importStore(store, readTransfer(chunksOf(file)), {
    signal: controller.signal,
    begun: () => undefined,
    progress: () => {
      if (++block >= blocks) controller.abort();
    },
  });
}

/** All queues of an embedded store, in the order of their ids. */
export async function allQueues(store: QueueStore): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<QueueStore['readQueues']>> = await store.readQueues(cursor, 100);
    found.push(...page.queues);
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}
