/** What was reported of tokens survives `kill -9`, and all sums are right. */
import { test } from 'vitest';
import { tokenCrashRounds } from './token-crash.ts';

test('no reported token, subscription or notification is lost when the process is killed', () => tokenCrashRounds(3, 400));
