import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('who finds no place waits in line', async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  await slots.take();
  const second = slots.take().then(() => order.push('second'));
  const third = slots.take().then(() => order.push('third'));
  await Promise.resolve();
  expect(order).toEqual([]);
  slots.give();
  await second;
  expect(order).toEqual(['second']);
  slots.give();
  await third;
  expect(order).toEqual(['second', 'third']);
});
