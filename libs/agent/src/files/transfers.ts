/**
 * Transfers of files under way: a few at a time, each again and again until it has an end, and from where it was after a restart. Servers keep files
 * for two days, so no transfer takes longer.
 */
import { DAY, MINUTE, SECOND } from '@polyplex/base';
import type { AgentContext } from '../context.ts';
import type { FileRecord } from '../records/records.ts';
import { type AgentFilesOptions, failed, performTransfer, type TransferOutcome } from './perform-transfer.ts';

const FIRST_WAIT_MS = 2 * SECOND;
const LONGEST_WAIT_MS = 10 * MINUTE;
const GIVE_UP_MS = 2 * DAY;
const AT_ONCE = 4;

const ACTIVE: ReadonlySet<FileRecord['state']> = new Set(['sending', 'receiving', 'deleting']);

export class Transfers {
  readonly #context: AgentContext;
  readonly #files: AgentFilesOptions;
  readonly #onFailure: (error: unknown) => void;
  readonly #running = new Map<string, AbortController>();
  readonly #waiting = new Set<string>();
  #isClosed = false;

  constructor(context: AgentContext, files: AgentFilesOptions, onFailure: (error: unknown) => void) {
    this.#context = context;
    this.#files = files;
    this.#onFailure = onFailure;
  }

  /** Those under way, and those that wait for their turn. */
  get size(): number {
    return this.#running.size + this.#waiting.size;
  }

  /** Begins what is in the store, and takes away work files of what is over. */
  resume(): void {
    const files = this.#context.read((records) => records.list('file').filter(({ value }) => ACTIVE.has(value.state)));
    for (const { key } of files.toSorted((a, b) => a.value.since - b.value.since)) this.begin(key);
    void this.#tidy();
  }

  /** There is something new to do with a file: what is being done with it ends. */
  begin(fileId: string): void {
    this.#running.get(fileId)?.abort();
    this.#waiting.add(fileId);
    this.#pump();
  }

  close(): void {
    this.#isClosed = true;
    for (const running of this.#running.values()) running.abort();
  }

  #pump(): void {
    for (const fileId of this.#waiting) {
      if (this.#isClosed || this.#running.size >= (this.#files.atOnce ?? AT_ONCE)) return;
      if (this.#running.has(fileId)) continue;
      this.#waiting.delete(fileId);
      this.#start(fileId);
    }
  }

  #start(fileId: string): void {
    const running = new AbortController();
    this.#running.set(fileId, running);
    const end = (): void => {
      this.#running.delete(fileId);
      this.#pump();
    };
    this.#run(fileId, running.signal).then(end, (error: unknown) => {
      end();
      if (!this.#isClosed) this.#onFailure(error);
    });
  }

  async #run(fileId: string, signal: AbortSignal): Promise<void> {
    for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 1.5, LONGEST_WAIT_MS)) {
      const file = this.#context.read((records) => records.get('file', fileId));
      if (file === undefined || !ACTIVE.has(file.state)) return;
      const outcome = await performTransfer({ context: this.#context, files: this.#files, fileId, signal }, file);
      if (signal.aborted) return;
      const isOver = this.#context.clock.now() - file.since >= GIVE_UP_MS;
      if (outcome !== 'again' || isOver) return this.#settle(fileId, file, outcome === 'again' ? givenUp(fileId, file) : outcome);
      await this.#pause(wait, signal);
    }
  }

  /** Unless something else is to be done with the file meanwhile. */
  async #settle(fileId: string, { state }: FileRecord, end: Exclude<TransferOutcome, 'again'>): Promise<void> {
    await this.#context.change((step) => {
      if (step.get('file', fileId)?.state === state) end(step);
    });
    const isActive = this.#context.read((records) => ACTIVE.has(records.get('file', fileId)?.state ?? 'failed'));
    if (!isActive) await this.#forget(fileId);
  }

  async #tidy(): Promise<void> {
    for (const fileId of await this.#files.room.list().catch(() => [])) {
      const isActive = this.#isClosed || this.#context.read((records) => ACTIVE.has(records.get('file', fileId)?.state ?? 'failed'));
      if (!isActive) await this.#forget(fileId);
    }
  }

  /** What could not be taken away is at the next start. */
  #forget(fileId: string): Promise<void> {
    return this.#files.room.remove(fileId).catch(() => undefined);
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#context.clock.after(ms, end);
      signal.addEventListener('abort', end);
    });
  }
}

/** What could not be deleted has expired at its servers. */
function givenUp(fileId: string, { state }: FileRecord): Exclude<TransferOutcome, 'again'> {
  return state === 'deleting' ? (step) => step.remove('file', fileId) : failed(fileId, 'EXPIRED');
}
