/** As `token-crash.spec.ts`, more often. */
import { test } from 'vitest';
import { tokenCrashRounds } from './token-crash.ts';

test('no reported token, subscription or notification is lost in 20 kills', () => tokenCrashRounds(20, 1500));
