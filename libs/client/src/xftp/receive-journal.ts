/**
 * What the recipient of a file has done so far: the description that a redirect led to, the chunks that lie in the
 * encrypted file, which of several replicas each came from, and where the whole file is.
 */
import { equalBytes, toBase64Url } from '@polyplex/base';
import { XftpFileError } from './file-error.ts';
import { journalLine, JournalLine } from './journal-line.ts';
import type { TransferPlace } from './transfer-place.ts';

export interface ReceiveState {
  /** The text that a redirect led to; null while it was not followed. */
  inner: string | null;
  /** By number of the chunk: which of its replicas it came from. */
  readonly chunks: Map<number, number>;
  /** Where the file is; null while it is not whole. */
  saved: { readonly path: string; readonly size: number } | null;
  /** Chunks that were acknowledged. */
  readonly acknowledged: Set<number>;
}

const KIND = 'receive';
const FORMAT = 1;

export class ReceiveJournal {
  private readonly place: TransferPlace;

  constructor(place: TransferPlace) {
    this.place = place;
  }

  /** `digest` is that of the file; begins where nothing was done yet. Throws `JOURNAL` when it is another file's or cannot be read. */
  async open(digest: Uint8Array): Promise<ReceiveState> {
    const state: ReceiveState = { inner: null, chunks: new Map(), saved: null, acknowledged: new Set() };
    const [first, ...rest] = (await this.place.readJournal()).map((line) => new JournalLine(line));
    if (first === undefined) await this.place.append(journalLine(KIND, { format: FORMAT, digest: toBase64Url(digest) }));
    else if (first.kind !== KIND || first.count('format') !== FORMAT || !equalBytes(first.bytes('digest'), digest)) {
      throw new XftpFileError('JOURNAL', 'this is the state of another transfer');
    }
    for (const line of rest) apply(state, line);
    return state;
  }

  async followed(state: ReceiveState, inner: string): Promise<void> {
    state.inner = inner;
    await this.place.append(journalLine('inner', { description: inner }));
  }

  async received(state: ReceiveState, no: number, replica: number): Promise<void> {
    state.chunks.set(no, replica);
    await this.place.append(journalLine('chunk', { no, replica }));
  }

  async saved(state: ReceiveState, path: string, size: number): Promise<void> {
    state.saved = { path, size };
    await this.place.append(journalLine('saved', { path, size }));
  }

  async acknowledged(state: ReceiveState, no: number): Promise<void> {
    state.acknowledged.add(no);
    await this.place.append(journalLine('acknowledged', { no }));
  }
}

function apply(state: ReceiveState, line: JournalLine): void {
  if (line.kind === 'inner') state.inner = line.text('description');
  else if (line.kind === 'chunk') state.chunks.set(line.count('no'), line.count('replica'));
  else if (line.kind === 'saved') state.saved = { path: line.text('path'), size: line.count('size') };
  else if (line.kind === 'acknowledged') state.acknowledged.add(line.count('no'));
}
