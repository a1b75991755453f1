/** The directory's records say their format: those of older versions are taken up, those of newer ones refused and left as they are. */
import { expect, test } from 'vitest';
import { DIRECTORY_FORMAT, directoryFormat } from '../src/index.ts';
import { DirectoryRecords, SALT_BYTES } from '../src/records/directory-records.ts';
import { MemoryRecords } from './support/memory-records.ts';

const salt = (): Uint8Array => new Uint8Array(SALT_BYTES);

test('records that are not there yet are made in the newest format', () => {
  const records = new MemoryRecords();
  expect(directoryFormat(records)).toBeNull();
  new DirectoryRecords(records).prepare(salt);
  expect([directoryFormat(records), records.get('directory-meta', 'salt')]).toEqual([DIRECTORY_FORMAT, salt()]);
});

test('records of version 1 are taken up as they are, with their salt', () => {
  const records = new MemoryRecords();
  records.put('directory-meta', 'format', 1);
  records.put('directory-meta', 'salt', Uint8Array.of(1));
  new DirectoryRecords(records).prepare(salt);
  expect([directoryFormat(records), records.get('directory-meta', 'salt')]).toEqual([DIRECTORY_FORMAT, Uint8Array.of(1)]);
});

test.each([DIRECTORY_FORMAT + 1, 'of another kind'])('those of a newer version (%s) are refused', (format) => {
  const records = new MemoryRecords();
  records.put('directory-meta', 'format', format);
  expect(directoryFormat(records)).toBeGreaterThan(DIRECTORY_FORMAT);
  expect(() => { new DirectoryRecords(records).prepare(salt); }).toThrow(/this release reads up to 2: use a newer one/);
  expect(records.get('directory-meta', 'format')).toBe(format);
});
