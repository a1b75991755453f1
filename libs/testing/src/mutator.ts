/**
 * Damages byte strings the way hostile or broken peers do: flipped bits, cut and grown ends, length bytes changed,
 * runs copied from elsewhere. Driven by a seed, so that a finding can be repeated.
 */

export interface Mutator {
  /** A damaged copy of one of the samples; rarely equal to one. */
  mutate(samples: readonly Uint8Array[]): Uint8Array;
  /** An integer in [0, below). */
  below(limit: number): number;
}

/** Values that lengths, counts and tags turn on. */
const TELLING_BYTES = [0, 1, 2, 0x1f, 0x20, 0x23, 0x2c, 0x30, 0x31, 0x40, 0x46, 0x54, 0x7f, 0x80, 0xfe, 0xff];
const MAX_GROWTH_BYTES = 64;
/** Lengths and tags stand at the beginning of messages: half of all damage goes there. */
const HEAD_BYTES = 64;

type Damage = (bytes: Uint8Array, samples: readonly Uint8Array[]) => Uint8Array;

/** mulberry32: small, fast, good enough to choose damage. */
function randomIntegers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

export function createMutator(seed: number): Mutator {
  const below = randomIntegers(seed);
  const position = (bytes: Uint8Array): number => below(below(2) === 0 ? Math.min(bytes.length, HEAD_BYTES) : bytes.length);

  const damages: readonly Damage[] = [
    (bytes) => changed(bytes, position(bytes), (value) => value ^ (1 << below(8))),
    (bytes) => changed(bytes, position(bytes), () => TELLING_BYTES[below(TELLING_BYTES.length)]!),
    (bytes) => changed(bytes, position(bytes), (value) => value + below(5) - 2),
    (bytes) => changed(bytes, position(bytes), () => below(256)),
    (bytes) => bytes.slice(0, position(bytes)),
    (bytes) => bytes.slice(position(bytes)),
    (bytes) => grown(bytes, below(MAX_GROWTH_BYTES) + 1, below),
    (bytes, samples) => spliced(bytes, samples[below(samples.length)]!, below),
    (bytes) => without(bytes, position(bytes), below(8) + 1),
  ];

  return {
    below,
    mutate(samples) {
      let bytes = Uint8Array.from(samples[below(samples.length)]!);
      for (let times = 1 + below(3); times > 0; times--) {
        bytes = Uint8Array.from(bytes.length === 0 ? grown(bytes, 1 + below(8), below) : damages[below(damages.length)]!(bytes, samples));
      }
      return bytes;
    },
  };
}

function changed(bytes: Uint8Array, at: number, change: (value: number) => number): Uint8Array {
  bytes[at] = change(bytes[at]!);
  return bytes;
}

function grown(bytes: Uint8Array, by: number, below: (limit: number) => number): Uint8Array {
  const out = new Uint8Array(bytes.length + by);
  out.set(bytes);
  for (let i = bytes.length; i < out.length; i++) out[i] = below(256);
  return out;
}

/** The beginning of one and the end of the other. */
function spliced(bytes: Uint8Array, other: Uint8Array, below: (limit: number) => number): Uint8Array {
  const head = bytes.subarray(0, below(bytes.length + 1));
  const end = other.subarray(below(other.length + 1));
  const out = new Uint8Array(head.length + end.length);
  out.set(head);
  out.set(end, head.length);
  return out;
}

function without(bytes: Uint8Array, at: number, count: number): Uint8Array {
  const end = Math.min(bytes.length, at + count);
  const out = new Uint8Array(bytes.length - (end - at));
  out.set(bytes.subarray(0, at));
  out.set(bytes.subarray(end), at);
  return out;
}
