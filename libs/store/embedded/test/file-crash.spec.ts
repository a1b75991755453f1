/** What was reported as uploaded survives `kill -9`, and nothing else stays. */
import { test } from 'vitest';
import { fileCrashRounds } from './file-crash.ts';

test('no reported upload is lost, and nothing left behind, when the process is killed', () => fileCrashRounds(3, 400));
