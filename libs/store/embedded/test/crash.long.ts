/** As `crash.spec.ts`, more often. */
import { test } from 'vitest';
import { crashRounds } from './crash.ts';

test('no reported message is lost in 20 kills', () => crashRounds(20, 1500));
