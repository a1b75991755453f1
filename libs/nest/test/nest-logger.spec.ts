/** What Nest has to say comes to the log of the process. */
import type { LogFields, Logger } from '@polyplex/telemetry';
import { expect, test } from 'vitest';
import { createAdminApp } from '../src/index.ts';

function recorded(): { readonly log: Logger; readonly lines: (readonly [string, string, LogFields | undefined])[] } {
  const lines: (readonly [string, string, LogFields | undefined])[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) => void lines.push([level, message, fields]);
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

test('a request that fails inside is an error there, its setting up is for debugging, and nothing goes elsewhere', async () => {
  const { log, lines } = recorded();
  const app = await createAdminApp({
    host: '127.0.0.1', port: 0, token: null, title: 'relay', logger: log,
    health: { notReady: async () => [] },
    metrics: { text: () => Promise.reject(new Error('no numbers')) },
    status: async () => [],
  });
  try {
    expect((await fetch(`${app.url}metrics`)).status).toBe(500);
  } finally {
    await app.close();
  }
  expect(lines.filter(([level]) => level !== 'debug')).toEqual([['error', 'the admin port failed', { reason: 'no numbers', part: 'ExceptionsHandler' }]]);
  expect(lines.some(([level]) => level === 'debug')).toBe(true);
});
