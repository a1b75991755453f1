/**
 * Random steps on a whole store against a plain model of it: a few queues, services and connections that all steps
 * share, so that connections fight for queues, close while calls are under way, and act by records that have changed.
 * Many steps are called before the ones before them are answered. Every answer, event and count must be the model's, and
 * whoever is subscribed to something that waits must have been told. fast-check prints the seed of a failure.
 */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Bench } from '../bench.ts';
import { messageSteps } from './message-steps.ts';
import { queueSteps } from './queue-steps.ts';
import { Run } from './run.ts';
import type { Input, Step, Steps } from './step.ts';
import { subscriptionSteps } from './subscription-steps.ts';

export const DEFAULT_RANDOM_RUNS = 100;
/** Shrinking a failure may take long, since it waits for events that do not come. */
const TIME_LIMIT_MS = 120_000;
const STEPS_A_RUN = { minLength: 20, maxLength: 140, size: 'max' } as const;

const lifeSteps: Steps = {
  reopen: (run) => (run.bench.canReopen ? run.reopen() : undefined),
  compare: (run) => run.compare(),
};

const STEPS: Steps = { ...queueSteps, ...messageSteps, ...subscriptionSteps, ...lifeSteps };

/** How often each step comes; 1 where it does not say. */
const WEIGHTS: Readonly<Record<string, number>> = {
  create: 4, append: 12, acknowledge: 8, subscribe: 6, subscribeNotifiers: 4, subscribeNotifiersByService: 3, subscribeService: 2,
  setNotifier: 2, takeNotifications: 5, find: 2, heads: 2, setLink: 2, release: 2,
};

type After = 'go on' | 'next turn' | 'quiet';

interface Command extends Input {
  readonly name: string;
  readonly after: After;
}

const anyInput = {
  a: fc.nat(20), b: fc.nat(20), c: fc.nat(3), x: fc.boolean(), y: fc.boolean(), old: fc.nat(9).map((n) => n === 9),
  after: fc.constantFrom<After>('go on', 'go on', 'go on', 'next turn', 'quiet'),
};

const anyName = fc.oneof(...Object.keys(STEPS).map((name) => ({ weight: WEIGHTS[name] ?? 1, arbitrary: fc.constant(name) })));
const anyCommand: fc.Arbitrary<Command> = fc.record({ name: anyName, ...anyInput });

async function play(run: Run, commands: readonly Command[]): Promise<void> {
  for (const command of commands) {
    const step: Step = STEPS[run.model.queues.length === 0 ? 'create' : command.name]!;
    await step(run, command);
    if (command.after === 'next turn') await new Promise(setImmediate);
    if (command.after === 'quiet') await run.quiet();
  }
  await run.finish();
}

export const modelScenarios = (runs: number) => (bench: Bench): void => {
  describe('random steps', () => {
    test('answer, count and tell as the model does', { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyCommand, STEPS_A_RUN), async (commands) => {
          await bench.renew();
          await play(new Run(bench), commands);
        }),
        { numRuns: runs, interruptAfterTimeLimit: TIME_LIMIT_MS },
      );
    });
  });
};
