import { expect, test } from 'vitest';
import { KeyedOrder } from './keyed-order.ts';

function deferred() {
  return Promise.withResolvers<void>();
}

test('tasks that share a key run one after another, others at once', async () => {
  const order = new KeyedOrder<string>();
  const started: string[] = [];
  const first = deferred();
  const run = (name: string, keys: string[], until: Promise<void>) =>
    order.run(keys, async () => {
      started.push(name);
      await until;
    });
  const all = [run('a1', ['a'], first.promise), run('b', ['b'], Promise.resolve()), run('a2', ['a', 'c'], Promise.resolve()), run('c', ['c'], Promise.resolve())];
  expect(started).toEqual(['a1', 'b']);
  first.resolve();
  await Promise.all(all);
  expect(started).toEqual(['a1', 'b', 'a2', 'c']);
});

test('a task that fails does not keep the next from running', async () => {
  const order = new KeyedOrder<string>();
  const failing = order.run(['a'], () => Promise.reject(new Error('no')));
  const next = order.run(['a'], () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});
