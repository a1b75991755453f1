/** How deep JSON nests, seen before it is parsed: what is parsed is walked, compared and written again, each by recursion. */

/** A batch, a forward, a quote, a card, its profile, its preferences and menus: half of that. */
const MAX_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]); // "[" "{"
const CLOSING = new Set([0x5d, 0x7d]); // "]" "}"

/** Where the string that begins at `at` ends. */
function endOfString(source: string, at: number): number {
  for (let end = source.indexOf('"', at + 1); end !== -1; end = source.indexOf('"', end + 1)) {
    let slashes = 0;
    while (source.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return source.length;
}

/** Text that is no JSON may be either. */
export function isTooDeep(source: string): boolean {
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code === QUOTE) at = endOfString(source, at);
    else if (OPENING.has(code)) depth++;
    else if (CLOSING.has(code)) depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
