/**
 * Lives lives of two agents by the thousand, on all cores: `node libs/agent/test/simulation/run.ts --lives 100000`.
 *
 *   --lives N      at least so many (1000)        --from N      the first group of lives (0): where an earlier run has ended
 *   --workers N    processes (2)                  --kind text   only kinds of troubles with this in their name
 *   --mutants      instead, each deliberate mistake until it is found; a mistake that is not found fails
 *
 * Fails where a life went wrong, and says how to live it again: kind, seed, and at which commit a process died.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.ts';
import type { Fault, GroupResult } from './group.ts';
import { type Mutant, MUTANTS } from './mutants.ts';

/** Processes and not threads: V8 has aborted where one thread after the other ended with the same WebAssembly module. */
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const PROGRESS_MS = 10_000;
const SHOWN_FAULTS = 20;
const LIVES_OF_A_MUTANT = 6_000;

const { values } = parseArgs({
  options: {
    lives: { type: 'string', default: '1000' }, from: { type: 'string', default: '0' }, workers: { type: 'string', default: '2' },
    kind: { type: 'string', default: '' }, mutants: { type: 'boolean', default: false },
  },
});

interface Run {
  readonly lives: number;
  readonly from: number;
  readonly kind: string;
  readonly mutant: Mutant | null;
}

interface RunResult {
  readonly coverage: Coverage;
  readonly faults: readonly Fault[];
  readonly next: number;
}

/** With a mutant, the first fault ends it. */
async function run({ lives, from, kind, mutant }: Run): Promise<RunResult> {
  const coverage = new Coverage();
  const faults: Fault[] = [];
  let next = from;
  const isOver = (): boolean => (coverage.counts.lives ?? 0) >= lives || faults.length >= (mutant === null ? SHOWN_FAULTS : 1);
  const progress = mutant === null ? setInterval(() => console.log(`${String(coverage.counts.lives ?? 0)} lives, ${String(faults.length)} faults, next group ${String(next)}`), PROGRESS_MS) : undefined;
  const work = async (): Promise<void> => {
    const worker = fork(WORKER, [JSON.stringify({ kind, mutant })], { serialization: 'advanced' });
    try {
      while (!isOver()) {
        const { coverage: part, faults: found } = await resultOf(worker, next++);
        coverage.add(part);
        faults.push(...found);
      }
    } finally {
      worker.disconnect();
    }
  };
  try {
    await Promise.all(Array.from({ length: Number(values.workers) }, work));
  } finally {
    clearInterval(progress);
  }
  return { coverage, faults, next };
}

async function resultOf(worker: ChildProcess, group: number): Promise<GroupResult> {
  const hasAnswered = new AbortController();
  worker.send(group);
  const answer = once(worker, 'message', hasAnswered).then(([result]) => result as GroupResult);
  const end = once(worker, 'exit', hasAnswered).then(([code, signal]) => { throw new Error(`a worker ended with group ${String(group)}: ${String(code ?? signal)}`); });
  try {
    return await Promise.race([answer, end]);
  } finally {
    hasAnswered.abort();
    await Promise.allSettled([answer, end]);
  }
}

async function liveLives(): Promise<boolean> {
  const { coverage, faults, next } = await run({ lives: Number(values.lives), from: Number(values.from), kind: values.kind, mutant: null });
  for (const [what, count] of Object.entries(coverage.counts)) console.log(`${String(count).padStart(12)} ${what}`);
  console.log('deaths before and after commits, by what they change:');
  for (const [commit, [before, after]] of Object.entries(coverage.deaths).sort()) console.log(`${String(before).padStart(8)} ${String(after).padStart(8)}  ${commit}`);
  for (const fault of faults) console.log(JSON.stringify(fault));
  console.log(`${String(faults.length)} faults; next group ${String(next)}`);
  return faults.length === 0;
}

async function liveMutants(): Promise<boolean> {
  let areFound = true;
  for (const mutant of MUTANTS) {
    const { coverage, faults: [first] } = await run({ lives: LIVES_OF_A_MUTANT, from: 0, kind: mutant.kind, mutant });
    areFound &&= first !== undefined;
    console.log(first === undefined ? `NOT FOUND: ${mutant.name}` : `${mutant.name}: found within ${String(coverage.counts.lives ?? 0)} lives: ${first.kind}, seed ${String(first.seed)}: ${first.faults[0]!.slice(0, 160)}`);
  }
  return areFound;
}

process.exitCode = (await (values.mutants ? liveMutants() : liveLives())) ? 0 : 1;
