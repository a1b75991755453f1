/**
 * Where in a file the lines of each queue are: 28 bytes for each run of lines that follow each other, and that is one for
 * each queue, since all its lines do.
 */
import type { QueueBlocks, RunsOf } from '../smp-log/queue-blocks.ts';

export interface Run {
  /** Its first byte, and how many follow, line feeds included. */
  readonly at: number;
  readonly bytes: number;
  /** Number of its first line. */
  readonly line: number;
}

/** place 6, bytes 4, line 4, owner 4, next run 4, last run 4 (of a first one) */
const RUN_BYTES = 28;
const AT_BYTES = 6;
const BYTES_AT = 8;
const LINE_AT = 12;
const OWNER_AT = 16;
const NEXT_AT = 20;
const LAST_AT = 24;
const RUNS_PER_PAGE = 32_768;
/** A run is read at once. */
const MAX_RUN_BYTES = 4 * 1024 * 1024;

export class LineRuns {
  private readonly queues: QueueBlocks;
  private readonly of: RunsOf;
  private readonly pages: Buffer[] = [];
  /** Runs are counted from 1. */
  private count = 0;

  constructor(queues: QueueBlocks, of: RunsOf) {
    this.queues = queues;
    this.of = of;
  }

  /** Bytes of memory. */
  get bytes(): number {
    return this.pages.length * RUNS_PER_PAGE * RUN_BYTES;
  }

  /** Takes the next line of a file. `owner`: address of its queue. */
  add(owner: number, { at, bytes, line }: Run): void {
    if (this.count > 0) {
      const [page, offset] = this.place(this.count);
      const held = page.readUInt32LE(offset + BYTES_AT);
      if (page.readUInt32LE(offset + OWNER_AT) === owner && page.readUIntLE(offset, AT_BYTES) + held === at && held + bytes <= MAX_RUN_BYTES) {
        page.writeUInt32LE(held + bytes, offset + BYTES_AT);
        return;
      }
    }
    this.link(owner, this.append(owner, { at, bytes, line }));
  }

  /** Of one queue, in the order of the file. */
  *runsOf(owner: number): Generator<Run> {
    for (let run = this.queues.firstRun(owner, this.of); run !== 0;) {
      const [page, offset] = this.place(run);
      yield { at: page.readUIntLE(offset, AT_BYTES), bytes: page.readUInt32LE(offset + BYTES_AT), line: page.readUInt32LE(offset + LINE_AT) };
      run = page.readUInt32LE(offset + NEXT_AT);
    }
  }

  /** Queues with lines, in the order of the file. */
  *owners(): Generator<number> {
    for (let run = 1; run <= this.count; run++) {
      const [page, offset] = this.place(run);
      const owner = page.readUInt32LE(offset + OWNER_AT);
      if (this.queues.firstRun(owner, this.of) === run) yield owner;
    }
  }

  private append(owner: number, { at, bytes, line }: Run): number {
    const run = ++this.count;
    if (this.pages.length * RUNS_PER_PAGE < run) this.pages.push(Buffer.alloc(RUNS_PER_PAGE * RUN_BYTES));
    const [page, offset] = this.place(run);
    page.writeUIntLE(at, offset, AT_BYTES);
    page.writeUInt32LE(bytes, offset + BYTES_AT);
    page.writeUInt32LE(line, offset + LINE_AT);
    page.writeUInt32LE(owner, offset + OWNER_AT);
    return run;
  }

  private link(owner: number, run: number): void {
    const first = this.queues.firstRun(owner, this.of);
    if (first === 0) this.queues.setFirstRun(owner, this.of, run);
    const [page, offset] = this.place(first === 0 ? run : first);
    if (first !== 0) {
      const [lastPage, lastOffset] = this.place(page.readUInt32LE(offset + LAST_AT));
      lastPage.writeUInt32LE(run, lastOffset + NEXT_AT);
    }
    page.writeUInt32LE(run, offset + LAST_AT);
  }

  private place(run: number): readonly [page: Buffer, offset: number] {
    return [this.pages[Math.floor((run - 1) / RUNS_PER_PAGE)]!, ((run - 1) % RUNS_PER_PAGE) * RUN_BYTES];
  }
}
