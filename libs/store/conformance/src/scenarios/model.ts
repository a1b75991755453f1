/**
 * Random command sequences against a plain model. Within one queue commands are issued in order; different queues run
 * at the same time. Every answer, the counts and all events must be the model's.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drained } from '../builders.ts';
import type { Bench } from '../queue-store.ts';
import { anyCommand, type Command } from './model-commands.ts';
import { ModelQueue } from './model-queue.ts';

const RUNS = 25;
const QUEUES = 4;
const COMMANDS = 40;

/** Runs one queue's commands in order; some are issued before the one before is answered. */
async function play(bench: Bench, model: ModelQueue, commands: readonly Command[], connection: number): Promise<void> {
  await model.create(bench.store);
  for (const command of commands) await command.run(bench.store, model, connection);
}

export function modelScenarios(bench: Bench): void {
  describe('random commands on several queues at once', () => {
    test('answer, count and tell as the model does', { timeout: 120_000 }, async () => {
      const scripts = fc.array(fc.array(anyCommand, { minLength: 1, maxLength: COMMANDS }), { minLength: 1, maxLength: QUEUES });
      await fc.assert(
        fc.asyncProperty(scripts, async (script) => {
          const models = script.map(() => new ModelQueue());
          await Promise.all(script.map((commands, i) => play(bench, models[i]!, commands, 10 * (i + 1))));
          const counts = await bench.store.counts();
          expect(counts).toMatchObject({
            queues: models.filter((model) => model.exists).length,
            securedQueues: models.filter((model) => model.exists && model.secured).length,
            messages: models.reduce((sum, model) => sum + model.messages.length, 0),
            notifiers: models.filter((model) => model.exists && model.notifierId !== null).length,
            notifications: models.reduce((sum, model) => sum + model.notifications.length, 0),
          });
          await bench.events.expectEventsInAnyOrder(bench.store, models.flatMap((model) => model.events));
          for (const model of models) await cleanUp(bench, model);
        }),
        { numRuns: RUNS },
      );
    });
  });
}

/** Compares what is left, then removes it with the subscriptions, so that the next run begins with nothing. */
async function cleanUp(bench: Bench, model: ModelQueue): Promise<void> {
  if (!model.exists) return;
  expect(await drained(bench.store, model.record)).toEqual(model.messages);
  for (const connection of model.connections) await bench.store.release(connection);
  await bench.store.delete(model.record, null);
}
