/** The short form of the soak: not an hour, but many times the load. An hour is `npm run bench -- soak`. */
import { expect, test } from 'vitest';
import { soak } from './soak.ts';

test('two and a half minutes of messages, visits and changes of subscribers leave nothing behind', async () => {
  const { delivered, visits, failures, growth } = await soak({ minutes: 2.5, messages: 200, visits: 8, samples: 100 });
  expect(delivered).toBeGreaterThan(1000);
  expect(visits).toBeGreaterThan(50);
  expect(failures, JSON.stringify(growth)).toEqual([]);
});
