/**
 * Prints `N passed, N failed` over the JSON reports of vitest in a folder, and exits with 1 when anything failed.
 * Usage: `node tools/test-totals.ts FOLDER [FAILED_STEP...]`. A failed step whose report is missing or shows no failed
 * test (a lint error, a crash, a file that does not load) counts as one failure, so it cannot hide behind a zero.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is read of a report of vitest's JSON reporter. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8')) as Report;
}

const [folder = '.', ...failedSteps] = process.argv.slice(2);
const reports = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => readReport(join(folder, name)));

const unexplained = failedSteps.filter((step) => {
  const file = join(folder, `${step}.json`);
  return !existsSync(file) || readReport(file).numFailedTests === 0;
});

const passed = reports.reduce((sum, report) => sum + report.numPassedTests, 0);
const failed = reports.reduce((sum, report) => sum + report.numFailedTests, unexplained.length);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
