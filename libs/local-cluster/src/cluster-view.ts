/** What one node of a Redis Cluster believes about all: the lines of `CLUSTER NODES`. */

/** Slots from..to, both included; 0..16383. */
export type SlotRange = readonly [from: number, to: number];

export const SLOTS = 16_384;

export interface NodeView {
  readonly id: string;
  /** Of 127.0.0.1; 0 where it is not known. */
  readonly port: number;
  readonly role: 'primary' | 'replica';
  /** Id of the primary that a replica follows. */
  readonly primaryId: string | null;
  readonly isSelf: boolean;
  /** Believed to be gone by all, or by this one (`PFAIL`). */
  readonly failing: 'no' | 'maybe' | 'yes';
  readonly isLinked: boolean;
  readonly slots: readonly SlotRange[];
  /** Slots that are being moved away, with the id of the node that gets them; told by the node itself only. */
  readonly leaving: ReadonlyMap<number, string>;
}

/** ID ADDRESS:PORT@BUS[,HOST] FLAGS PRIMARY PINGED PONGED EPOCH LINK SLOT... */
function parseLine(line: string): NodeView {
  const [id = '', address = '', flagText = '', primary = '-', , , , link = '', ...slots] = line.split(' ');
  const flags = flagText.split(',');
  return {
    id,
    port: Number(/:(\d+)@/.exec(address)?.[1] ?? 0),
    role: flags.includes('slave') ? 'replica' : 'primary',
    primaryId: primary === '-' ? null : primary,
    isSelf: flags.includes('myself'),
    failing: failingOf(flags),
    isLinked: link === 'connected',
    slots: slots.filter((text) => !text.startsWith('[')).map(parseRange),
    leaving: new Map(slots.flatMap(parseLeaving)),
  };
}

function failingOf(flags: readonly string[]): NodeView['failing'] {
  if (flags.includes('fail')) return 'yes';
  return flags.includes('fail?') ? 'maybe' : 'no';
}

function parseRange(text: string): SlotRange {
  const [from, to = from] = text.split('-').map(Number);
  return [from!, to!];
}

/** `[SLOT->-ID]` */
function parseLeaving(text: string): [number, string][] {
  const parts = /^\[(\d+)->-([0-9a-f]+)\]$/.exec(text);
  return parts === null ? [] : [[Number(parts[1]), parts[2]!]];
}

export function parseNodes(text: string): NodeView[] {
  return text.split('\n').filter((line) => line !== '').map(parseLine);
}

/** The slots one by one, ascending. */
export function slotsOf(ranges: readonly SlotRange[]): number[] {
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
}

/** All slots in as many runs of nearly the same length. */
export function evenRanges(count: number): SlotRange[] {
  const start = (index: number): number => Math.floor((index * SLOTS) / count);
  return Array.from({ length: count }, (_, index) => [start(index), start(index + 1) - 1]);
}
