/** Names of groups in commands and texts (directory §3.2, §3.5). */

/** One line: a name cannot pretend to be another message. */
export function shownName(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/** As commands take it: in single quotes where it has spaces. */
export function quotedName(name: string): string {
  const shown = shownName(name);
  return /\s/.test(shown) || shown.startsWith("'") ? `'${shown}'` : shown;
}

export interface FoundName {
  readonly name: string;
  readonly rest: string;
}

const AFTER_NAME = /^(?:\s|$)/;

/** The group's own name at the beginning of `input`, in quotes or not. */
function actualNameIn(input: string, actual: string): FoundName | null {
  for (const spelled of [actual, shownName(actual)]) {
    for (const form of [`'${spelled}'`, spelled]) {
      if (spelled !== '' && input.startsWith(form) && AFTER_NAME.test(input.slice(form.length))) return { name: actual, rest: input.slice(form.length) };
    }
  }
  return null;
}

/** A quote ends where a space follows: names may have quotes within. */
const SOME_NAME = /^(?:'(?![#@ ])([^\n]{1,512}?)'|(?![#@'\s])(\S{1,512}))(?=\s|$)/;

/** Any name, where it is not the group's own. */
export function nameIn(input: string, actual: string | null): FoundName | null {
  const own = actual === null ? null : actualNameIn(input, actual);
  if (own !== null) return own;
  const found = SOME_NAME.exec(input);
  return found === null ? null : { name: found[1] ?? found[2]!, rest: input.slice(found[0].length) };
}
