import { expect, it } from 'vitest';
import { numberedName } from './file-names.ts';

it.each([
  ['photo.tar.gz', 0, 'photo.tar.gz'],
  ['photo.tar.gz', 1, 'photo_1.tar.gz'],
  ['photo', 12, 'photo_12'],
  ['.profile', 2, '_2.profile'],
])('%s numbered %d is %s', (name, n, numbered) => expect(numberedName(name, n)).toBe(numbered));
