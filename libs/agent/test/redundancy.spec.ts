/** Several queues of a connection, over real relays (agent §7.6): what goes by all of them comes once, and a relay may be lost for good. */
import { expect, test } from 'vitest';
import { leftOver, listen, type Side, speak, words } from './support/talk.ts';
import { introduced, type TestAgent } from './support/test-agent.ts';
import { withRelays } from './support/with-relays.ts';

const { relays, agent } = withRelays(2);
const WAIT = { timeout: 60_000 };

async function sides(): Promise<readonly [Side, Side]> {
  const [a, b] = [agent(), agent()];
  const { atA, atB } = await introduced(a, b);
  return [{ who: a, connectionId: atA }, { who: b, connectionId: atB }];
}

function active({ who, connectionId }: Side): string[] {
  return who.agent.queues(connectionId).filter(({ isActive }) => isActive).map(({ direction, server }) => `${direction} ${server.port}`).sort();
}

function tasks(who: TestAgent): number {
  return who.store.read((records) => records.list('task', '')).length;
}

test('each side adds a queue; then messages go by two relays each way, come once, and go on coming when one of the relays is gone for good', async () => {
  const [a, b] = await sides();
  for (const { who, connectionId } of [a, b]) await who.agent.addQueue(connectionId);
  for (const side of [a, b]) await expect.poll(() => active(side).length, WAIT).toBe(4);
  expect(new Set(active(a))).toHaveLength(4);

  await Promise.all([speak(a, words('a', 5)), speak(b, words('b', 5))]);
  expect(await Promise.all([listen(a, 5), listen(b, 5)])).toEqual([words('b', 5), words('a', 5)]);
  await expect.poll(() => tasks(a.who) + tasks(b.who), WAIT).toBe(0);

  await relays[0]!.kill();
  await Promise.all([speak(a, words('more of a', 10)), speak(b, words('more of b', 10))]);
  expect(await Promise.all([listen(a, 10), listen(b, 10)])).toEqual([words('more of b', 10), words('more of a', 10)]);
  // Nothing is given up: one relay has it.
  expect([a, b].map(leftOver)).toEqual([[], []]);
  await relays[0]!.restart();
}, 120_000);

test('a queue is not added to what is not there, and not without end', async () => {
  const [a] = await sides();
  await expect(a.who.agent.addQueue('nobody')).rejects.toMatchObject({ code: 'UNKNOWN' });
  const { connectionId } = await a.who.agent.createAddress();
  await expect(a.who.agent.addQueue(connectionId)).rejects.toMatchObject({ code: 'PROHIBITED' });
  await a.who.agent.addQueue(a.connectionId);
  await a.who.agent.addQueue(a.connectionId);
  await expect(a.who.agent.addQueue(a.connectionId)).rejects.toMatchObject({ code: 'PROHIBITED' });
});
