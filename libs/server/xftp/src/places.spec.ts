import { expect, it } from 'vitest';
import { Places, type Transferring } from './places.ts';

const NEVER = new AbortController().signal;
const [ONE, TWO] = [{}, {}];
const from = (addressKey: string, connection: object = {}): Transferring => ({ addressKey, connection });
const settled = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('gives places in the order of the line', async () => {
  const places = new Places({ all: 1, perAddress: 9, perConnection: 9 });
  const leave = await places.take(from('a'), NEVER);
  const order: string[] = [];
  for (const name of ['b', 'c']) void places.take(from(name), NEVER).then((next) => [order.push(name), setImmediate(next!)]);
  expect([places.taken, places.waiting]).toEqual([1, 2]);
  leave!();
  await settled();
  await settled();
  expect(order).toEqual(['b', 'c']);
  await settled();
  expect([places.taken, places.waiting]).toEqual([0, 0]);
});

it('bounds those of one address and of one connection, who do not hold up others', async () => {
  const places = new Places({ all: 9, perAddress: 2, perConnection: 1 });
  const first = await places.take(from('a', ONE), NEVER);
  await places.take(from('a', TWO), NEVER);
  const got: string[] = [];
  void places.take(from('a'), NEVER).then(() => got.push('same address'));
  void places.take(from('b', ONE), NEVER).then(() => got.push('same connection'));
  await places.take(from('b'), NEVER);
  expect(got).toEqual([]);
  first!();
  await settled();
  expect(got).toEqual(['same address', 'same connection']);
});

it('lets go who does not want to wait any more', async () => {
  const places = new Places({ all: 1, perAddress: 9, perConnection: 9 });
  const leave = await places.take(from('a'), NEVER);
  const abort = new AbortController();
  const waiting = places.take(from('b'), abort.signal);
  abort.abort();
  expect(await waiting).toBeNull();
  expect(places.waiting).toBe(0);
  leave!();
  expect(places.taken).toBe(0);
  expect(await places.take(from('b'), abort.signal)).toBeNull();
});
