/** What was reported survives `kill -9`, and the folder opens at once. */
import { test } from 'vitest';
import { crashRounds } from './crash.ts';

test('no reported message is lost when the process is killed', () => crashRounds(3, 400));
