/** Local names: what a profile calls itself, or that with `_1`, `_2`… where it is taken. A name that was given once is not given again. */
import { randomBytes } from '@polyplex/crypto';
import { toBase64Url } from '@polyplex/base';
import { hashed } from './keys.ts';
import type { WritableRecords } from './typed-records.ts';

const KEY_BYTES = 32;

/** The hashes of names stand in clear in the store: without the key nobody can try names. */
function nameKey(records: WritableRecords): string {
  let key = records.get('key', 'names');
  if (key === undefined) records.put('key', 'names', (key = randomBytes(KEY_BYTES)));
  return toBase64Url(key);
}

/** Takes as long as there are names that already end in such a suffix, however many want the same one. */
export function uniqueName(records: WritableRecords, of: 'contact' | 'group', wanted: string): string {
  const secret = nameKey(records);
  const placeOf = (name: string): string => `${of}/${hashed(secret, name)}`;
  const place = placeOf(wanted);
  let suffix = records.get('name', place);
  if (suffix === undefined) {
    records.put('name', place, 1);
    return wanted;
  }
  while (records.get('name', placeOf(`${wanted}_${String(suffix)}`)) !== undefined) suffix++;
  const name = `${wanted}_${String(suffix)}`;
  records.put('name', place, suffix + 1);
  records.put('name', placeOf(name), 1);
  return name;
}
