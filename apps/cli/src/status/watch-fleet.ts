/**
 * The fleet, drawn again and again on a screen of its own until a key or a signal ends it. Whatever ends it, the terminal is
 * as it was before.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import { askFleet, type FleetView, type StatusTarget } from './ask-fleet.ts';
import { fleetLines } from './fleet-text.ts';
import { duration } from './in-words.ts';
import { cut, type Page, type Paint } from './table.ts';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_REST = '\u001b[J';
const QUIT_KEYS = new Set(['q', 'Q', '\u0003', '\u0004']);
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface WatchOptions {
  readonly targets: readonly StatusTarget[];
  readonly intervalMs: number;
  readonly paint: Paint;
  readonly input: ReadStream;
  readonly output: WriteStream;
}

/** Resolves with what was seen last; null when it was ended before anything was. */
export async function watchFleet(options: WatchOptions): Promise<FleetView | null> {
  const { targets, intervalMs, input, output } = options;
  const ended = new AbortController();
  const whenEnded = new Promise<null>((resolve) => ended.signal.addEventListener('abort', () => resolve(null), { once: true }));
  const last: { seen: FleetView | null } = { seen: null };
  const draw = (): void => void (last.seen !== null && output.write(frame(last.seen, options)));
  const leave = onKeysAndSignals(input, () => ended.abort());
  output.on('resize', draw);
  output.write(ENTER);
  try {
    while (!ended.signal.aborted) {
      const now = await Promise.race([askFleet(targets), whenEnded]);
      // Nobody answers: what was seen last stays on the screen, with its age.
      if (now !== null) last.seen = now.answered || last.seen === null ? now : { ...last.seen, problems: now.problems };
      draw();
      await pause(intervalMs, ended.signal);
    }
    return last.seen;
  } finally {
    output.off('resize', draw);
    output.write(LEAVE);
    leave();
  }
}

/** Calls `end` for the keys and signals that end it; the answer takes that back. */
function onKeysAndSignals(input: ReadStream, end: () => void): () => void {
  const pressed = (keys: Buffer): void => {
    if ([...keys.toString()].some((key) => QUIT_KEYS.has(key))) end();
  };
  for (const signal of SIGNALS) process.on(signal, end);
  if (input.isTTY) {
    input.setRawMode(true);
    input.on('data', pressed);
    input.resume();
  }
  return () => {
    for (const signal of SIGNALS) process.off(signal, end);
    if (!input.isTTY) return;
    input.off('data', pressed);
    input.setRawMode(false);
    input.pause();
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}

/** One screen: what does not fit is said to be missing. */
function frame(view: FleetView, { output, paint, intervalMs }: WatchOptions): string {
  const page: Page = { width: output.columns || 80, paint };
  const height = (output.rows || 24) - 1;
  const all = fleetLines(view, page);
  const lines = all.length <= height ? all : [...all.slice(0, height - 1), paint('  … more on a larger screen', 'dim')];
  const age = Date.now() - view.at.getTime();
  const foot = paint(cut(`q ends it${age > 3 * intervalMs ? `   seen ${duration(age)} ago` : ''}`, page.width), 'dim');
  return `${HOME}${[...lines, foot].map((line) => line + CLEAR_LINE).join('\n')}${CLEAR_REST}`;
}
