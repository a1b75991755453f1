/** The page of all metrics is what servers say. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { METRICS_FILE, metricsPage } from '../metrics-reference/page.ts';
import { readExpositions } from '../metrics-reference/servers.ts';

const written = (): string => readFileSync(new URL(`../../${METRICS_FILE}`, import.meta.url), 'utf8');

it('is up to date, and gives every metric a meaning', { timeout: 120_000 }, async () => {
  const expositions = await readExpositions();
  const page = metricsPage(expositions);
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  for (const row of rows) expect(row).toMatch(/^\| `[a-z][a-zA-Z0-9_]*` \| (counter|gauge|histogram|summary) \| .* \| \S.* \|$/);
  const documented = new Set(rows.map((row) => row.split('`')[1]));
  const said = Object.values<string>({ ...expositions }).flatMap((text) => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  expect(said.length).toBeGreaterThan(200);
  expect(said.filter((name) => !documented.has(name))).toEqual([]);
  expect(written() === page, `${METRICS_FILE}: run \`node tools/metrics-reference.ts\``).toBe(true);
});

it('tells of what one kind of server has in its own section', () => {
  const sample = (name: string, help: string): string => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n`;
  const both = sample('polyplex_ready', 'Ready {a,b}');
  const page = metricsPage({
    relay: both + sample('simplex_smp_x', 'X') + sample('polyplex_store', 'Of queues'),
    relayOnRedis: both + sample('simplex_smp_x', 'X') + sample('polyplex_redis', 'R'),
    fileServer: both + sample('polyplex_store', 'Of files'),
    pushProxy: both + sample('polyplex_store', 'Of devices'),
    bot: both + sample('polyplex_bot_contacts', 'Contacts'),
  });
  const sectionOf = (text: string): string => page.slice(0, page.indexOf(text)).split('\n## ').at(-1)!.split('\n')[0]!;
  expect(page).toContain('| `polyplex_ready` | gauge | `a`, `b` | Ready |');
  expect(['| Ready |', '| X |', '| Of queues |', '| R |', '| Of files |', '| Of devices |', '| Contacts |'].map(sectionOf)).toEqual([
    'Every node', 'Relay: names of the reference', 'Relay: names of its own', 'Relay on Redis', 'File server: names of its own',
    'Push proxy: names of its own', 'Directory bot',
  ]);
});
