/** The sum at the end of a check: it must be exact, and no failed step may vanish from it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { workspaceRoot } from '../workspaces.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyplex-totals-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function report(step: string, numPassedTests: number, numFailedTests: number): void {
  writeFileSync(join(folder, `${step}.json`), JSON.stringify({ numPassedTests, numFailedTests }));
}

function totals(...failedSteps: readonly string[]): { line: string; status: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [join(workspaceRoot, 'tools/test-totals.ts'), folder, ...failedSteps]);
  return { line: stdout.toString(), status };
}

it('sums all reports', () => {
  report('test', 40, 0);
  report('test-long', 2, 0);
  expect(totals()).toEqual({ line: '42 passed, 0 failed\n', status: 0 });
});

it('fails when a test failed, counting it once', () => {
  report('test', 40, 3);
  expect(totals('test')).toEqual({ line: '40 passed, 3 failed\n', status: 1 });
});

it('counts a failed step that has no report or no failed test', () => {
  report('test', 40, 0);
  expect(totals('lint', 'test')).toEqual({ line: '40 passed, 2 failed\n', status: 1 });
});
