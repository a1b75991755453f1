/**
 * Lines of a log that look as if they named somebody, whoever that is: what no test could know beforehand. A line is never
 * made harmless by cutting; it must not be written.
 */

/** A line of the log, as text or as JSON. */
const LOG_LINE = /^(\{"level":|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (debug|info|warn|error) )/;
/** Of servers and of this machine: addresses of servers, places of files, where in the program something failed. */
const INNOCENT = /(smp|xftp|https?|rediss?):\/\/[^\s"]+|(\/[\w.@+-]+)+(:\d+)*|"time":"[^"]*"|^\S+Z /g;
const SHAPES: readonly (readonly [name: string, shape: RegExp])[] = [
  ['an id or key in base64', /(?<![\w+/-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[\w+/-]{20,}={0,2}/],
  ['an id or key in hex', /(?<![0-9a-zA-Z])[0-9a-fA-F]{24,}(?![0-9a-zA-Z])/],
  ['bytes', /"type":"Buffer"|\{"0":\d+,"1":\d+,|\[(\d{1,3},){11,}/],
  ['an address', /(?<![\d.])(?!127\.0\.0\.1|0\.0\.0\.0)\d{1,3}(\.\d{1,3}){3}(?![\d.])/],
];

/** What the line looks to hold; null for no log line, or one that is innocent. */
export function suspicion(line: string): string | null {
  if (!LOG_LINE.test(line)) return null;
  const rest = line.replaceAll(INNOCENT, ' ');
  return SHAPES.find(([, shape]) => shape.test(rest))?.[0] ?? null;
}
