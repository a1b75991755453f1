/** The model of Redis by which the simulation goes does what the scripts do: the same random steps on both. */
import { type RedisServer, startRedis } from '@polyplex/local-cluster';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SeededChooser } from './simulation/chooser.ts';
import { describeState, ModelQueue, TIMELESS_RULES, type Who } from './simulation/model-queue.ts';
import { RealQueue } from './simulation/real-queue.ts';

const QUEUES = 120;
const STEPS = 40;
const WHO: readonly Who[] = [{ node: 'n0', connection: 0 }, { node: 'n0', connection: 1 }, { node: 'n1', connection: 0 }];

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

/** A random step, made on the model and on the real one; what both answer. */
async function step(model: ModelQueue, real: RealQueue, choose: (limit: number) => number): Promise<readonly unknown[]> {
  const who = WHO[choose(WHO.length)]!;
  const revision = (model.state?.revision ?? 1) - (choose(6) === 0 ? 1 : 0);
  const head = Math.abs(model.state?.messages[0] ?? 0);
  switch (choose(20)) {
    case 0: case 1: case 2: case 3: {
      const withHead = choose(2) === 0;
      return ['subscribe', model.subscribe(revision, who, withHead), await real.subscribe(revision, who, withHead)];
    }
    case 4: case 5: case 6: case 7: case 8: {
      const [id, quota] = [1 + choose(6), 1 + choose(4)];
      return ['append', model.append(revision, id, quota), await real.append(revision, id, quota)];
    }
    case 9: case 10: case 11: case 12: {
      const id = head !== 0 && choose(3) > 0 ? head : 1 + choose(6);
      const by = choose(3) === 0 ? null : who;
      return ['acknowledge', model.acknowledge(revision, id, by), await real.acknowledge(revision, id, by)];
    }
    case 13: case 14: {
      const by = choose(3) === 0 ? null : who;
      return ['heads', model.head(by), await real.head(by)];
    }
    case 15: case 16: case 17: {
      const epoch = Math.max(1, (model.state?.owner?.epoch ?? 0) - 1 + choose(3));
      return ['look', model.look(who, epoch), await real.look(who, epoch)];
    }
    case 18:
      model.revise();
      await real.revise();
      return ['revise', null, null];
    default:
      return choose(4) > 0 ? ['nothing', null, null] : ['delete', model.remove(revision), await real.remove(revision)];
  }
}

test('the same steps have the same answers and leave the same queue', async () => {
  for (let seed = 1; seed <= QUEUES; seed++) {
    const chooser = new SeededChooser(seed);
    const model = new ModelQueue(TIMELESS_RULES);
    const real = new RealQueue(redis, `{${String(seed)}}`);
    await real.begin();
    for (let i = 0; i < STEPS; i++) {
      const [name, expected, found] = await step(model, real, (limit) => chooser.next(limit));
      const at = `seed ${String(seed)}, step ${String(i)}: ${String(name)}`;
      expect(found, at).toEqual(expected);
      expect(describeState(await real.state()), at).toEqual(describeState(model.state));
    }
  }
});
