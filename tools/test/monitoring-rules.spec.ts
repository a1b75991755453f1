/** Rules, alerts and runbooks in `deploy/prometheus` and `docs/operations`, by Prometheus' own tool and without a server. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '@polyplex/local-cluster';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workspaceRoot } from '../workspaces.ts';
import { alerts, alertTests, PROMETHEUS_FOLDER, recordings, RULES_FILE, testFiles } from './monitoring/rules.ts';

const run = promisify(execFile);
const RUNBOOKS = 'docs/operations/runbooks';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-rules-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Rejects with what it says when it does not agree. */
async function promtool(...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(findProgram('promtool'), args);
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(stdout + stderr, { cause: error });
  }
}

test('promtool accepts the rules', async () => {
  const said = await promtool('check', 'rules', '--lint-fatal', RULES_FILE);
  expect(said).toContain(`${recordings().length + alerts().length} rules found`);
});

test.each(testFiles().map((file) => [basename(file), file] as const))('alerts fire, and do not, as %s says', async (_name, file) => {
  expect(await promtool('test', 'rules', file)).toContain('SUCCESS');
});

test.each([['deploy/prometheus/prometheus.yaml', ['polyplex-smp', 'polyplex-xftp', 'polyplex-ntf', 'polyplex-bot']], ['deploy/compose/prometheus.yaml', ['polyplex-smp', 'polyplex-xftp', 'polyplex-ntf', 'polyplex-bot']]])('promtool accepts %s', async (path, expected) => {
  const token = join(folder, 'token');
  await writeFile(token, 'token');
  const config = (await readFile(join(workspaceRoot, path), 'utf8')).replace(/credentials_file: \S+/g, `credentials_file: ${token}`).replace(/(rule_files: \[)\S+(\])/, `$1${RULES_FILE}$2`);
  await writeFile(join(folder, 'prometheus.yaml'), config);
  const said = await promtool('check', 'config', join(folder, 'prometheus.yaml'));
  expect(said).toContain('1 rule files found');
  const jobs = [...config.matchAll(/job_name: (\S+)/g)].map(([, job = '']) => job);
  expect(jobs.filter((job) => /^polyplex-/.test(job))).toEqual(expected);
});

describe.each(alerts().map((rule) => [rule.alert, rule] as const))('%s', (name, { labels, annotations }) => {
  test('is tried where it fires, and where it does not', () => {
    const found = alertTests().filter(({ alertname }) => alertname === name);
    expect(found.some((each) => each.exp_alerts.length > 0)).toBe(true);
    expect(found.some((each) => each.exp_alerts.length === 0)).toBe(true);
  });

  test('says how bad it is, what it is, and where to read on', async () => {
    expect(['critical', 'warning', 'info']).toContain(labels['severity']);
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url']);
    const runbook = await readFile(join(workspaceRoot, annotations['runbook_url']!), 'utf8');
    expect(runbook).toContain(`\`${name}\``);
  });
});

describe('runbooks', () => {
  test('are those of the alerts', async () => {
    const used = new Set(alerts().map(({ annotations }) => basename(annotations['runbook_url']!)));
    const files = await readdir(join(workspaceRoot, RUNBOOKS));
    expect(files.filter((file) => file !== 'README.md').sort()).toEqual([...used].sort());
  });

  test.each([...new Set(alerts().map(({ annotations }) => annotations['runbook_url']!))])('%s says what it means, what users see, what to check and to do', async (path) => {
    const text = await readFile(join(workspaceRoot, path), 'utf8');
    for (const heading of ['What it means', 'What users see', 'Check', 'Do']) expect(text).toMatch(new RegExp(`^## ${heading}$`, 'm'));
    const index = await readFile(join(workspaceRoot, RUNBOOKS, 'README.md'), 'utf8');
    expect(index).toContain(`(${basename(path)})`);
  });
});

test('a wrong threshold is found', async () => {
  const rules = await readFile(RULES_FILE, 'utf8');
  await writeFile(join(folder, 'rules.yaml'), rules.replace('process_max_fds{job=~"polyplex-.*"} > 0.85', 'process_max_fds{job=~"polyplex-.*"} > 0.96'));
  const tests = await readFile(join(PROMETHEUS_FOLDER, 'tests/room.yaml'), 'utf8');
  await writeFile(join(folder, 'room.yaml'), tests.replace('../rules.yaml', 'rules.yaml'));
  await expect(promtool('test', 'rules', join(folder, 'room.yaml'))).rejects.toThrow('PolyplexDescriptorsEnd');
});
