/**
 * Random steps on a whole TokenStore against the plain model of it: one after the other, or up to three at the same time,
 * on all nodes that there are. What is called at the same time must be answered as if it had been called one after the
 * other, in some order; all orders that fit are kept in mind until a later answer tells them apart. fast-check prints the
 * seed of a failure.
 */
import { toBase64Url } from '@polyplex/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PushJob, TokenStore } from '@polyplex/store-contract';
import { careless } from '../careless.ts';
import { everyToken } from '../scenarios/tokens/transfer.ts';
import type { TokenBench } from './bench.ts';
import { LEASE_MS, MINUTE_MS, sorted, toMake } from './builders.ts';
import { type Candidate, copyOf, emptyCandidate, learnNames, textOf, wholeTextOf } from './candidate.ts';
import { takeDue } from './model/due.ts';
import { countsOf, relayOf } from './model/state.ts';
import { subscriptionsToMake } from './model/subscription-steps.ts';
import { wholeTokens } from './model/transfer-steps.ts';
import { type Input, LONE_STEPS, Names, type Step, STEPS } from './steps.ts';

export const DEFAULT_RANDOM_RUNS = 60;
const TIME_LIMIT_MS = 120_000;
const TURNS_A_RUN = { minLength: 20, maxLength: 120, size: 'max' } as const;

/** How often each step comes; 1 where it does not say. */
const WEIGHTS: Readonly<Record<string, number>> = { createToken: 3, activate: 7, createSubscription: 8, receive: 12, settle: 10, registerAgain: 2, change: 3 };

interface Command extends Input {
  readonly name: string;
}

type Look = 'reopen' | 'takeDue' | 'compare';
/** Steps at the same time, or something that is done alone; and how much time passes before. */
interface Turn {
  readonly passes: number;
  readonly what: readonly Command[] | Look;
}

const named = (steps: Readonly<Record<string, unknown>>) =>
  fc.oneof(...Object.keys(steps).map((name) => ({ weight: WEIGHTS[name] ?? 1, arbitrary: fc.constant(name) })));
const command = (steps: Readonly<Record<string, unknown>>): fc.Arbitrary<Command> =>
  fc.record({ name: named(steps), a: fc.nat(20), b: fc.nat(20), c: fc.nat(7) });
const anyWhat: fc.Arbitrary<Turn['what']> = fc.oneof(
  { weight: 40, arbitrary: fc.array(command(STEPS), { minLength: 1, maxLength: 3 }) },
  { weight: 4, arbitrary: fc.array(command(LONE_STEPS), { minLength: 1, maxLength: 1 }) },
  { weight: 5, arbitrary: fc.constant('takeDue') },
  { weight: 3, arbitrary: fc.constant('compare') },
  { weight: 1, arbitrary: fc.constant('reopen') },
);
const anyTurn: fc.Arbitrary<Turn> = fc.record({
  passes: fc.oneof({ weight: 12, arbitrary: fc.constantFrom(0, 1, 700) }, { weight: 2, arbitrary: fc.constantFrom(4000, LEASE_MS, 20 * MINUTE_MS) }), what: anyWhat,
});

function orders<T>(of: readonly T[]): T[][] {
  if (of.length <= 1) return [[...of]];
  return of.flatMap((first, i) => orders([...of.slice(0, i), ...of.slice(i + 1)]).map((rest) => [first, ...rest]));
}

const byToken = (jobs: readonly PushJob[]): PushJob[] => [...jobs].sort((a, b) => (toBase64Url(a.token.tokenId) < toBase64Url(b.token.tokenId) ? -1 : 1));

class TokenRun {
  private readonly bench: TokenBench;
  private nodes: TokenStore[] = [];
  private readonly names: Names;
  /** What the store may hold: more than one while answers leave the order of some steps open. */
  private candidates: Candidate[] = [emptyCandidate()];

  constructor(bench: TokenBench) {
    this.bench = bench;
    this.names = new Names(bench.now());
  }

  async begin(): Promise<void> {
    this.nodes = [careless(this.bench.store), ...(this.bench.hasPeers ? [careless(await this.bench.peer())] : [])];
  }

  async play({ passes, what }: Turn): Promise<void> {
    this.names.now += passes;
    if (what === 'reopen') return this.reopen();
    if (what === 'takeDue') return this.takeDue();
    if (what === 'compare') return this.compare();
    const all = { ...STEPS, ...LONE_STEPS };
    await this.steps(this.apart(what).map(({ name, ...input }) => all[this.names.tokens.length === 0 ? 'createToken' : name]!(this.names, input)));
  }

  /** Many nodes are not held to an order of activations at the same time: see the contract. */
  private apart(commands: readonly Command[]): readonly Command[] {
    const first = commands.findIndex(({ name }) => name === 'activate');
    return this.bench.hasPeers ? commands.filter(({ name }, i) => name !== 'activate' || i === first) : commands;
  }

  private async steps(steps: readonly Step[]): Promise<void> {
    const answers = await Promise.all(steps.map(({ call }, i) => call(this.nodes[i % this.nodes.length]!)));
    const next = new Map<string, Candidate>();
    for (const before of this.candidates) {
      for (const order of orders(steps.map((step, i) => ({ step, answer: answers[i] })))) {
        const candidate = copyOf(before);
        const fits = order.every(({ step, answer }) => {
          const expected = structuredClone(step.apply(candidate)) ?? null;
          return textOf(expected) === textOf(answer) && learnNames(candidate, answer, expected);
        });
        if (fits) next.set(wholeTextOf(candidate), candidate);
      }
    }
    if (next.size === 0) {
      const alone = this.candidates.map((candidate) => steps.map(({ apply }) => textOf(apply(copyOf(candidate)))));
      expect(answers.map(textOf), 'answers fit no order of the steps; each alone would have been answered so').toEqual(alone[0]);
      expect(answers, 'answers give other names to what was named before').toEqual(alone);
    }
    this.candidates = [...next.values()];
    this.names.learn(answers);
  }

  private async takeDue(): Promise<void> {
    const { now } = this.names;
    await this.steps([{
      call: async (store) => byToken(await store.takeDue(now, 1000, LEASE_MS)),
      apply: ({ state }) => byToken(takeDue(state, now, 1000, LEASE_MS)),
    }]);
  }

  private async reopen(): Promise<void> {
    if (!this.bench.canReopen || this.nodes.length > 1) return;
    await this.bench.reopen();
    await this.begin();
  }

  /** Everything is as in the model: tokens, subscriptions by their relays, counts. */
  async compare(): Promise<void> {
    for (const node of this.nodes) {
      const relays = this.names.relays;
      const fits: Step = {
        call: async () => ({
          tokens: await everyToken(node, 7), counts: { ...(await node.counts()), oldestDue: null },
          relays: await Promise.all(relays.map(async (relay) => [await node.relay(relay), sorted(await toMake(node, relay, 3))])),
        }),
        apply: ({ state }) => ({
          tokens: wholeTokens(state, null, 1000).tokens.map((each) => ({ ...each, subscriptions: sorted(each.subscriptions) }))
            .sort((a, b) => (toBase64Url(a.token.tokenId) < toBase64Url(b.token.tokenId) ? -1 : 1)),
          counts: countsOf(state, null),
          relays: relays.map((relay) => [relayOf(state, relay), sorted(subscriptionsToMake(state, relay, null, 1000).subscriptions)]),
        }),
      };
      await this.steps([fits]);
    }
  }

  /** Everything that is left goes with its tokens. */
  async finish(): Promise<void> {
    await this.compare();
    const [node] = this.nodes as [TokenStore];
    for (const { tokenId } of this.names.tokens) await node.removeToken(tokenId);
    expect(await node.counts()).toEqual({
      tokens: 0, subscriptions: 0, notifications: 0, due: 0, oldestDue: null, tokensByStatus: {}, subscriptionsByStatus: {},
    });
    expect(await node.takeDue(this.names.now + 1000 * MINUTE_MS, 100, LEASE_MS)).toEqual([]);
  }
}

export const tokenModelScenarios = (runs: number) => (bench: TokenBench): void => {
  describe('random steps', () => {
    test('are answered as by the model', { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyTurn, TURNS_A_RUN), async (turns) => {
          await bench.renew();
          const run = new TokenRun(bench);
          await run.begin();
          for (const turn of turns) await run.play(turn);
          await run.finish();
        }),
        { numRuns: runs, interruptAfterTimeLimit: TIME_LIMIT_MS, endOnFailure: true },
      );
    });
  });
};
