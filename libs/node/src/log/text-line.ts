/** A line of the structured log as people read it: time, level, message, and its facts. */

/** `line`: one JSON object with `time`, `level`, `message` and facts, as the log makes it. */
export function textLine(line: string): string {
  const { time, level, message, ...facts } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const texts = Object.entries(facts).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${String(time)} ${String(level).padEnd(5)} ${String(message)}${texts.join('')}\n`;
}
