/**
 * Brings the chunks of a file into the encrypted file (XFTP §8.2): those that are not there yet, each checked against its
 * digest before it counts. A chunk's replicas are tried in the order of the description, those of servers that could not
 * be reached last.
 */
import { concatBytes } from '@polyplex/base';
import type { ChunkReplica, FileChunk, FileDescription } from '@polyplex/protocol-xftp';
import { XftpFileError } from './file-error.ts';
import { grouped, inGroups } from './in-groups.ts';
import type { ReceiveJournal, ReceiveState } from './receive-journal.ts';
import { serverKey, type ServerLines } from './server-lines.ts';
import type { WorkFile } from './transfer-place.ts';
import { ChunkProgress, type OnProgress } from './transfer-progress.ts';
import { isTemporary, XftpClientError, XftpRefusedError } from './xftp-error.ts';

export interface DownloadOptions {
  /** The encrypted file. */
  readonly data: WorkFile;
  readonly journal: ReceiveJournal;
  readonly state: ReceiveState;
  readonly lines: ServerLines;
  readonly onProgress: OnProgress | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Pieces come as small as 16 KiB; so much is gathered for each write. */
const WRITE_BYTES = 256 * 1024;

interface PlacedChunk extends FileChunk {
  /** From 1. */
  readonly no: number;
  /** Where it begins in the encrypted file. */
  readonly at: number;
}

export async function downloadChunks(description: FileDescription, options: DownloadOptions): Promise<void> {
  const { state } = options;
  const chunks = placed(description);
  const progress = new ChunkProgress('downloading', description.size, options.onProgress);
  for (const { no, size } of chunks) if (state.chunks.has(no)) progress.set(no, size);
  const missing = chunks.filter(({ no }) => !state.chunks.has(no));
  const unreachable = new Set<string>();
  await inGroups(grouped(missing, ({ replicas }) => serverKey(replicas[0]!.server)), options.signal, async (chunk, signal) => {
    const download = new ChunkDownloads(chunk, { ...options, signal }, progress, unreachable);
    await options.journal.received(state, chunk.no, await download.run());
  });
}

function placed({ chunks, size }: FileDescription): PlacedChunk[] {
  let at = 0;
  const all = chunks.map((chunk, i) => {
    const begin = at;
    at += chunk.size;
    return { ...chunk, no: i + 1, at: begin };
  });
  if (at !== size) throw new XftpFileError('SIZE', 'the chunks of the file do not make up its size');
  return all;
}

class ChunkDownloads {
  private readonly chunk: PlacedChunk;
  private readonly options: DownloadOptions;
  private readonly progress: ChunkProgress;
  /** Servers with which no attempt helped; shared with the other chunks. */
  private readonly unreachable: Set<string>;

  constructor(chunk: PlacedChunk, options: DownloadOptions, progress: ChunkProgress, unreachable: Set<string>) {
    this.chunk = chunk;
    this.options = options;
    this.progress = progress;
    this.unreachable = unreachable;
  }

  /** Which replica it came from. Rejects with what went wrong with the first one tried when all fail. */
  async run(): Promise<number> {
    let failure: { readonly error: unknown } | null = null;
    for (const replica of this.order()) {
      try {
        await this.download(replica);
        return this.chunk.replicas.indexOf(replica);
      } catch (error) {
        if (!isOfServer(error)) throw error;
        if (isTemporary(error)) this.unreachable.add(serverKey(replica.server));
        failure ??= { error };
      }
    }
    throw failure === null ? new XftpFileError('SIZE', 'a chunk is nowhere') : failure.error;
  }

  private order(): readonly ChunkReplica[] {
    const isGood = ({ server }: ChunkReplica): boolean => !this.unreachable.has(serverKey(server));
    const { replicas } = this.chunk;
    return [...replicas.filter(isGood), ...replicas.filter((replica) => !isGood(replica))];
  }

  private async download({ server, replicaId, replicaKey }: ChunkReplica): Promise<void> {
    const { chunk, options: { lines, signal, data } } = this;
    await lines.run(server, signal, async (client) => {
      const writer = new GatheringWriter(data, chunk.at, (bytes) => this.progress.set(chunk.no, bytes));
      this.progress.set(chunk.no, 0);
      await client.downloadChunk({ id: replicaId, key: replicaKey }, chunk, (piece) => writer.take(piece), { signal });
      await writer.flush();
    });
    await data.sync();
    this.progress.set(chunk.no, chunk.size);
  }
}

/** A failure that another server may not have. */
function isOfServer(error: unknown): boolean {
  return error instanceof XftpRefusedError || (error instanceof XftpClientError && error.code !== 'CLOSED');
}

class GatheringWriter {
  private readonly data: WorkFile;
  private readonly onWritten: (bytes: number) => void;
  private readonly begin: number;
  private at: number;
  private waiting: Uint8Array[] = [];
  private size = 0;

  constructor(data: WorkFile, at: number, onWritten: (bytes: number) => void) {
    this.data = data;
    this.begin = at;
    this.at = at;
    this.onWritten = onWritten;
  }

  async take(piece: Uint8Array): Promise<void> {
    this.waiting.push(piece);
    this.size += piece.length;
    if (this.size >= WRITE_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.size === 0) return;
    const bytes = concatBytes(...this.waiting);
    this.waiting = [];
    this.size = 0;
    await this.data.write(this.at, bytes);
    this.at += bytes.length;
    this.onWritten(this.at - this.begin);
  }
}
