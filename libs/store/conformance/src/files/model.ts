/**
 * Random steps on a whole FileStore against a plain model of it: one after the other, or up to three at the same time, on
 * all nodes that there are. What is called at the same time must be answered as if it had been called one after the other,
 * in some order; all orders that fit are kept in mind until a later answer tells them apart. fast-check prints the seed of
 * a failure.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileStore } from '@polyplex/store-contract';
import { careless } from '../careless.ts';
import type { FileBench } from './bench.ts';
import { SHORT_LEASE_MS, untilLeft } from './builders.ts';
import { emptyState, leftBodies, type State, usageOf } from './state.ts';
import { type Input, Names, type Step, STEPS, textOf } from './steps.ts';

export const DEFAULT_RANDOM_RUNS = 60;
const TIME_LIMIT_MS = 120_000;
const TURNS_A_RUN = { minLength: 20, maxLength: 100, size: 'max' } as const;

/** How often each step comes; 1 where it does not say. */
const WEIGHTS: Readonly<Record<string, number>> = { create: 4, begin: 6, commit: 8, findSender: 2, findRecipient: 2, addRecipients: 2 };

interface Command extends Input {
  readonly name: string;
}

/** Steps at the same time, or something that is done alone. */
type Turn = readonly Command[] | 'reopen' | 'sweep' | 'compare';

const anyName = fc.oneof(...Object.keys(STEPS).map((name) => ({ weight: WEIGHTS[name] ?? 1, arbitrary: fc.constant(name) })));
const anyCommand: fc.Arbitrary<Command> = fc.record({ name: anyName, a: fc.nat(20), b: fc.nat(20), c: fc.nat(7) });
const anyTurn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 40, arbitrary: fc.array(anyCommand, { minLength: 1, maxLength: 3 }) },
  { weight: 3, arbitrary: fc.constant('compare') },
  { weight: 2, arbitrary: fc.constant('sweep') },
  { weight: 1, arbitrary: fc.constant('reopen') },
);

function orders<T>(of: readonly T[]): T[][] {
  if (of.length <= 1) return [[...of]];
  return of.flatMap((first, i) => orders([...of.slice(0, i), ...of.slice(i + 1)]).map((rest) => [first, ...rest]));
}

class FileRun {
  private readonly bench: FileBench;
  private nodes: FileStore[] = [];
  private readonly names = new Names();
  /** What the store may hold: more than one while answers leave the order of some steps open. */
  private states: State[] = [emptyState()];

  constructor(bench: FileBench) {
    this.bench = bench;
  }

  async begin(): Promise<void> {
    this.nodes = [careless(this.bench.store), ...(this.bench.hasPeers ? [careless(await this.bench.peer())] : [])];
  }

  async play(turn: Turn): Promise<void> {
    if (turn === 'reopen') return this.reopen();
    if (turn === 'sweep') return this.sweep();
    if (turn === 'compare') return this.compare();
    const steps = turn.map(({ name, ...input }) => STEPS[this.names.files.length === 0 ? 'create' : name]!(this.names, input));
    // What lapses goes alone, since time passes.
    const alone = steps.find(({ lapses }) => lapses === true);
    await this.steps(alone === undefined ? steps : [alone]);
    if (alone !== undefined) await this.bench.advance(SHORT_LEASE_MS);
  }

  private async steps(steps: readonly Step[]): Promise<void> {
    const answers = await Promise.all(steps.map(async ({ call }, i) => textOf(await call(this.nodes[i % this.nodes.length]!))));
    const next = new Map<string, State>();
    for (const before of this.states) {
      for (const order of orders(steps.map((step, i) => ({ step, answer: answers[i]! })))) {
        const state = structuredClone(before);
        if (order.every(({ step, answer }) => textOf(step.apply(state)) === answer)) next.set(textOf(state), state);
      }
    }
    if (next.size === 0) {
      const expected = this.states.map((state) => steps.map(({ apply }) => textOf(apply(structuredClone(state)))));
      expect({ answers }, 'answers fit no order of the steps; each alone would have been answered so').toEqual({ answers: expected });
    }
    this.states = [...next.values()];
  }

  /** One answer that tells something of the whole state: those that do not fit are not what the store holds. */
  private fits(answer: unknown, of: (state: State) => unknown): void {
    const fitting = this.states.filter((state) => textOf(of(state)) === textOf(answer));
    if (fitting.length === 0) expect(answer).toEqual(of(this.states[0]!));
    this.states = fitting;
  }

  private async sweep(): Promise<void> {
    await this.bench.advance(untilLeft(this.bench));
    this.fits([...(await this.nodes.at(-1)!.leftBodies(1000))].sort(), leftBodies);
  }

  private async reopen(): Promise<void> {
    if (!this.bench.canReopen || this.nodes.length > 1) return;
    // The end of its process may be the end of an upload: let none be under way.
    for (const state of this.states) if (Object.values(state.bodies).some((body) => body.state === 'under way')) return;
    await this.bench.reopen();
    await this.begin();
  }

  async compare(): Promise<void> {
    for (const node of this.nodes) this.fits(await node.usage(), usageOf);
  }

  /** Everything that is left is as in the model, and goes when it is expired and swept. */
  async finish(): Promise<void> {
    await this.compare();
    const count = Math.max(this.names.files.length, this.names.recipients.length);
    for (let i = 0; i < count; i++) {
      const all = (name: string): Step => STEPS[name]!(this.names, { a: i, b: 0, c: 0 });
      if (this.names.files.length > 0) await this.steps([all('findSender')]);
    }
    const [node] = this.nodes as [FileStore];
    await node.expire(2 ** 40, 1000);
    for (const bodyId of this.names.bodies) await node.discard(bodyId);
    expect(await node.usage()).toEqual({ files: 0, uploaded: 0, bytes: 0 });
  }
}

export const fileModelScenarios = (runs: number) => (bench: FileBench): void => {
  describe('random steps', () => {
    test('are answered as by the model', { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyTurn, TURNS_A_RUN), async (turns) => {
          await bench.renew();
          const run = new FileRun(bench);
          await run.begin();
          for (const turn of turns) await run.play(turn);
          await run.finish();
        }),
        { numRuns: runs, interruptAfterTimeLimit: TIME_LIMIT_MS },
      );
    });
  });
};
