/**
 * The name in a file's header comes from whoever sent it (XFTP §8.2): what it becomes names a file in the folder that the
 * recipient chose, and nothing else.
 */
import { utf8 } from '@polyplex/base';

const NAMELESS = 'download';
/** Longer ones do not fit file systems once a number is added. */
const MAX_NAME_BYTES = 240;
const MAX_EXTENSION_BYTES = 20;
/** They make a name look like another one: `exe.txt` for `txt.exe`. */
const DIRECTION_MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;
/** What separates folders, here and elsewhere. */
const SEPARATORS = /[/\\]/g;

export function safeFileName(name: string): string {
  const clean = name.replace(SEPARATORS, '').replace(DIRECTION_MARKS, '').replace(CONTROLS, '_');
  const short = cut(clean);
  return /^[\s.]*$/.test(short) ? NAMELESS : short;
}

/** Cut before its last extension, whole characters only. */
function cut(name: string): string {
  if (utf8(name).length <= MAX_NAME_BYTES) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && utf8(name.slice(dot)).length <= MAX_EXTENSION_BYTES ? name.slice(dot) : '';
  let length = utf8(extension).length;
  let stem = '';
  for (const character of extension === '' ? name : name.slice(0, dot)) {
    length += utf8(character).length;
    if (length > MAX_NAME_BYTES) break;
    stem += character;
  }
  return stem + extension;
}
