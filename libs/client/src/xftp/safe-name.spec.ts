/** Names that a sender may give a file, and what becomes of them. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { utf8 } from '@polyplex/base';
import { safeFileName } from './safe-name.ts';

describe('safe names', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['Überraschung – 日本.tar.gz', 'Überraschung – 日本.tar.gz'],
    ['.profile', '.profile'],
    ['/etc/passwd', 'etcpasswd'],
    ['..', 'download'],
    [' . ', 'download'],
    ['\u202e', 'download'],
    [`${'x'.repeat(300)}.jpg`, `${'x'.repeat(236)}.jpg`],
    [`x.${'y'.repeat(300)}`, `x.${'y'.repeat(238)}`],
  ])('%j becomes %j', (name, safe) => expect(safeFileName(name)).toBe(safe));

  it('name a file in a folder, whatever was sent', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.stringMatching(/^[./\\ a-z]{0,20}$/)), (name) => {
        const safe = safeFileName(name);
        expect(safe).not.toMatch(/[/\\\u0000-\u001f\u202a-\u202e]/); // eslint-disable-line no-control-regex -- these are what is looked for
        expect(['', '.', '..']).not.toContain(safe);
        expect(utf8(safe).length).toBeLessThanOrEqual(240);
        expect(safeFileName(safe)).toBe(safe);
      }),
    );
  });
});
