/** As `file-crash.spec.ts`, more often. */
import { test } from 'vitest';
import { fileCrashRounds } from './file-crash.ts';

test('no reported upload is lost, and nothing left behind, in 20 kills', () => fileCrashRounds(20, 1500));
