/**
 * How long a store's room will last at the present rate, where that can be said honestly: it takes a quarter of an hour of
 * observations, over which the room fell throughout and not by one jump. Files are deleted and logs rewritten, so anything
 * less would be a guess with a number.
 */

/** `early`: not observed for long enough; `steady`: the room does not fall; `uneven`: it falls, now and then. */
export type UntilFull =
  | { readonly kind: 'early' | 'steady' | 'uneven' }
  | { readonly kind: 'falling'; readonly seconds: number; readonly bytesPerSecond: number };

export interface Room {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
}

const MIN_OBSERVED_MS = 15 * 60_000;
const MIN_OBSERVATIONS = 30;
const PARTS = 3;
/** The slower half must fall at least so fast, measured by the faster one. */
const MIN_EVENNESS = 0.25;

/** `rooms`: oldest first. */
export function untilFull(rooms: readonly Room[]): UntilFull {
  const [first, last] = [rooms.at(0), rooms.at(-1)];
  if (first === undefined || last === undefined) return { kind: 'early' };
  if (last.at - first.at < MIN_OBSERVED_MS || rooms.length < MIN_OBSERVATIONS) return { kind: 'early' };
  const size = Math.floor(rooms.length / PARTS);
  const [begin, middle, end] = [rooms.slice(0, size), rooms.slice(size, -size), rooms.slice(-size)].map(middleOf) as [Room, Room, Room];
  const rates = [rateOf(begin, middle), rateOf(middle, end)];
  const [slower, faster] = [Math.min(...rates), Math.max(...rates)];
  const bytesPerSecond = rateOf(begin, end);
  if (bytesPerSecond <= 0) return { kind: 'steady' };
  if (slower < faster * MIN_EVENNESS) return { kind: 'uneven' };
  return { kind: 'falling', seconds: last.bytes / bytesPerSecond, bytesPerSecond };
}

/** Medians, which one odd observation cannot move. */
function middleOf(rooms: readonly Room[]): Room {
  return { at: median(rooms.map(({ at }) => at)), bytes: median(rooms.map(({ bytes }) => bytes)) };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Bytes that are lost per second. */
function rateOf(from: Room, to: Room): number {
  return (from.bytes - to.bytes) / ((to.at - from.at) / 1000);
}
