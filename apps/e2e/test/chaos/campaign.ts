/** Repeats faults under the load, measures each kind, and tells all in one table. */
import type { History } from './history.ts';
import { type Load, type LoadOptions, startLoad } from './load.ts';
import { type Network, SWEEP_MS } from './network.ts';
import { progressed } from './progress.ts';
import { judge, type Span, type Verdict } from './verdict.ts';

/** A failover's time, which is over when a fault has ended, but not for those who are still trying. */
const FAILOVER_MS = 2000;
/** For machines that are busy. */
const SLACK_MS = 6000;
/** A queue in which nothing has come for so long after the end of the fault is stuck. */
const STUCK_MS = SWEEP_MS + FAILOVER_MS + SLACK_MS;

export interface Fault {
  readonly name: string;
  readonly repeats: number;
  /** Resolves when the fault has ended; answers when it may have cost what had been answered OK, by definition. */
  inject(round: number): Promise<Span | void>;
  /** Faults in one round, where they are several; default 1. */
  readonly perRound?: number;
}

export interface Row extends Verdict {
  readonly name: string;
  readonly faults: number;
  readonly stuck: number;
  /** From the end of the fault until every queue had progressed, in the worst round. */
  readonly worstRecoveryMs: number;
  readonly settled: boolean;
  /** Until every queue had progressed: before the first fault, and after each. */
  readonly rounds: readonly number[];
}

export interface Campaign<N extends Network> {
  readonly network: N;
  readonly load: Load;
  readonly rows: readonly Row[];
  run(fault: Fault): Promise<Row>;
  stop(): Promise<void>;
}

export async function startCampaign<N extends Network>(starting: Promise<N>, options: LoadOptions): Promise<Campaign<N>> {
  const network = await starting;
  const load = await startLoad(network.address, options).catch(async (error: unknown) => {
    await network.stop();
    throw error;
  });
  const rows: Row[] = [];
  return {
    network, load, rows,
    async run(fault) {
      const row = await runFault(load, fault);
      rows.push(row);
      return row;
    },
    async stop() {
      await load.stop();
      await network.stop();
    },
  };
}

async function runFault(load: Load, { name, repeats, perRound = 1, inject }: Fault): Promise<Row> {
  const { history } = load;
  // What came before has driven clients away from some nodes.
  load.reconnect();
  load.resumeSenders();
  // Also shows that all is well before.
  const from = performance.now();
  const rounds = [await recovered(history)];
  const mayLose: Span[] = [];
  for (let round = 0; round < repeats; round++) {
    const span = await inject(round);
    if (span !== undefined) mayLose.push(span);
    rounds.push(await recovered(history));
  }
  const to = performance.now();
  const settled = await load.settle();
  return {
    ...judge(history, { from, to, mayLose }), name, settled,
    faults: repeats * perRound,
    rounds: rounds.map(({ tookMs }) => tookMs),
    stuck: rounds.reduce((sum, { stuck }) => sum + stuck.length, 0),
    worstRecoveryMs: Math.max(...rounds.map(({ tookMs }) => tookMs)),
  };
}

function recovered(history: History): ReturnType<typeof progressed> {
  return progressed(history, performance.now(), STUCK_MS);
}

const COLUMNS: readonly (readonly [string, (row: Row) => string | number])[] = [
  ['fault', ({ name }) => name],
  ['repeats', ({ faults }) => faults],
  ['sent OK', ({ accepted }) => accepted],
  ['unanswered', ({ unknown }) => unknown],
  ['delivered', ({ delivered }) => delivered],
  ['duplicates', ({ duplicates }) => duplicates],
  ['lost', ({ lost }) => lost],
  ['to two at once', ({ doubles }) => doubles],
  ['after ACK', ({ redelivered }) => redelivered],
  ['order', ({ misordered }) => misordered],
  ['stuck', ({ stuck }) => stuck],
  ['lost or after ACK as the level allows', ({ allowed }) => allowed],
  ['END without cause', ({ unfoundedEnds }) => unfoundedEnds],
  ['END by a closed connection', ({ endsByClosed }) => endsByClosed],
  ['unanswered, stored twice', ({ storedTwice }) => storedTwice],
  ['worst gap ms', ({ worstGapMs }) => worstGapMs],
  ['worst recovery ms', ({ worstRecoveryMs }) => worstRecoveryMs],
];

/** In Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [COLUMNS.map(([title]) => title), COLUMNS.map(() => '---'), ...rows.map((row) => COLUMNS.map(([, cell]) => String(cell(row))))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What every row must show. */
export const FLAWLESS = { lost: 0, doubles: 0, redelivered: 0, misordered: 0, stuck: 0, unfoundedEnds: 0 };
