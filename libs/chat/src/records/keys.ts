/** Keys of records. They stand in clear in the store, so what peers have chosen is hashed. */
import { toBase64Url, utf8 } from '@polyplex/base';
import { sha256 } from '@polyplex/crypto';

const NUMBER_DIGITS = 12;
const HASH_CHARACTERS = 22;

/** A number as a key that sorts. */
export function sortable(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}

/** `000000000007/000000000001` */
export function keyOf(...numbers: readonly number[]): string {
  return numbers.map(sortable).join('/');
}

/** 16 bytes of the hash of texts. */
export function hashed(...texts: readonly string[]): string {
  return toBase64Url(sha256(utf8(texts.join('\n')))).slice(0, HASH_CHARACTERS);
}
