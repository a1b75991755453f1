/** Puts the chunks of a planned file on their servers (XFTP §8.1): those that are not there yet. */
import { generateKeyPair } from '@polyplex/crypto';
import { grouped, inGroups } from './in-groups.ts';
import type { PlannedChunk, SendJournal, SendState, SentChunk } from './send-journal.ts';
import { serverKey, type ServerLines } from './server-lines.ts';
import type { WorkFile } from './transfer-place.ts';
import { ChunkProgress, type OnProgress } from './transfer-progress.ts';
import { XftpRefusedError } from './xftp-error.ts';

export interface UploadOptions {
  readonly journal: SendJournal;
  readonly lines: ServerLines;
  /** The encrypted file. */
  readonly data: WorkFile;
  readonly onProgress: OnProgress | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Pieces in which a chunk is read; a server that takes nothing holds one of them. */
const PIECE_BYTES = 256 * 1024;

export async function uploadChunks(state: SendState, options: UploadOptions): Promise<void> {
  const { plan, uploaded } = state;
  const progress = new ChunkProgress('uploading', plan.size, options.onProgress);
  for (const { no, size } of plan.chunks) if (uploaded.has(no)) progress.set(no, size);
  const missing = plan.chunks.filter(({ no }) => !uploaded.has(no));
  const found = new Set(state.created.keys());
  await inGroups(grouped(missing, ({ server }) => serverKey(server)), options.signal, async (chunk, signal) => {
    const upload = new ChunkUpload(chunk, state, { ...options, signal }, progress);
    await upload.run(found.has(chunk.no));
    uploaded.add(chunk.no);
  });
}

class ChunkUpload {
  private readonly chunk: PlannedChunk;
  private readonly state: SendState;
  private readonly options: UploadOptions;
  private readonly progress: ChunkProgress;

  constructor(chunk: PlannedChunk, state: SendState, options: UploadOptions, progress: ChunkProgress) {
    this.chunk = chunk;
    this.state = state;
    this.options = options;
    this.progress = progress;
  }

  /** `isFound`: the record was made before an interruption, and the server may have forgotten it meanwhile. */
  async run(isFound: boolean): Promise<void> {
    try {
      await this.put(this.state.created.get(this.chunk.no) ?? (await this.create()));
    } catch (error) {
      const isForgotten = isFound && error instanceof XftpRefusedError && error.error.type === 'AUTH';
      if (!isForgotten) throw error;
      await this.put(await this.create());
    }
    await this.options.journal.uploaded(this.chunk.no);
  }

  private async create(): Promise<SentChunk> {
    const { chunk, state, options: { lines, journal, signal } } = this;
    const { server, size, digest } = chunk;
    const sender = generateKeyPair('ed25519');
    const recipients = Array.from({ length: state.plan.recipients }, () => generateKeyPair('ed25519'));
    const recipientKeys = recipients.map(({ publicKey }) => publicKey);
    const { senderId, recipientIds } = await lines.run(server, signal, (client) =>
      client.createChunk({ sender, size, digest, recipientKeys, password: server.password }, { signal }));
    const created: SentChunk = {
      sender: { id: senderId, key: sender.privateKey },
      recipients: recipientIds.map((id, i) => ({ id, key: recipients[i]!.privateKey })),
    };
    await journal.created(chunk.no, created);
    state.created.set(chunk.no, created);
    return created;
  }

  private async put({ sender }: SentChunk): Promise<void> {
    const { chunk, options: { lines, signal } } = this;
    await lines.run(chunk.server, signal, (client) => client.uploadChunk(sender, chunk.size, this.pieces(), { signal }));
    this.progress.set(chunk.no, chunk.size);
  }

  private async* pieces(): AsyncGenerator<Uint8Array> {
    const { no, at, size } = this.chunk;
    for (let done = 0; done < size; done += PIECE_BYTES) {
      this.progress.set(no, done);
      yield await this.options.data.read(at + done, Math.min(PIECE_BYTES, size - done));
    }
  }
}
