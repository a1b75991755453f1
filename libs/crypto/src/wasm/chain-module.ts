/**
 * The step of the block chain (SMP §3.6) as one call into WebAssembly: HKDF-SHA512 and HSalsa20, with no crossing into native code
 * for each of its hashes, and without hashing the pads of the empty salt again. Libsodium has no such function, and node's HKDF
 * costs six times as much.
 */
import { call, type Code, clear, const64, get, I64, i64, load64, set, store64, type WasmFunction } from './assembler.ts';
import { hsalsa20 } from './hsalsa20-code.ts';
import { instanceOf } from './instance.ts';
import { compression, INITIAL_STATE } from './sha512-code.ts';

// Where what is, in bytes.
const STATE = 0;
const BLOCK = 64;
const EXTRACTED = 192;
const INNER = 256;
const OUTER = 320;
/** 32 bytes, set by the caller. */
export const CHAIN_KEY = 384;
/** The next chain key, the box key, the nonce; the caller wipes them. */
export const RESULT = 416;
export const BOX_KEY = RESULT + 32;
export const RESULT_BYTES = 88;
/** What stays: the state of HMAC with the empty salt after its inner and its outer pad. */
const SALT_INNER = 512;
const SALT_OUTER = 576;

const INNER_PAD = 0x3636363636363636n;
const OUTER_PAD = 0x5c5c5c5c5c5c5c5cn;
const BLOCK_WORDS = 16;

// Functions by their place in the module.
const COMPRESS = 0;
const SWAP = 1;
const HSALSA20 = 2;

/** "SimpleXSbChain", the number of the output, and the bit that ends a message: 16 bytes. */
const infoWords = (output: bigint): readonly bigint[] => [0x53696d706c655853n, (0x6243_6861_696en << 16n) | (output << 8n) | 0x80n];

const copy = (to: number, from: number, words: number): Code =>
  Array.from({ length: words }, (_, i) => store64(to + 8 * i, load64(from + 8 * i))).flat();

const put = (to: number, values: readonly bigint[]): Code => values.flatMap((value, i) => store64(to + 8 * i, const64(value)));

/** The block from its word `at` on: these words, zeros, and the length of the whole message with the 128 bytes before. */
function ending(at: number, words: readonly bigint[], messageBytes: number): Code {
  const zeros = new Array<bigint>(BLOCK_WORDS - 1 - at - words.length).fill(0n);
  return put(BLOCK + 8 * at, [...words, ...zeros, BigInt(8 * (128 + messageBytes))]);
}

const END = 1n << 63n;

/** The state after a pad with the key at `key` in it (null: the empty key), to `to`. */
function padded(to: number, pad: bigint, key: number | null): Code {
  const words = Array.from({ length: BLOCK_WORDS }, (_, i) =>
    store64(BLOCK + 8 * i, key !== null && i < 8 ? [...load64(key + 8 * i), ...const64(pad), i64.xor] : const64(pad)));
  return [...put(STATE, INITIAL_STATE), ...words.flat(), ...call(COMPRESS), ...copy(to, STATE, 8)];
}

/** HMAC of what ends in the block, from the states after its pads; its value is the state. */
const hmac = (inner: number, outer: number, block: Code): Code => [
  ...copy(STATE, inner, 8), ...block, ...call(COMPRESS),
  ...copy(BLOCK, STATE, 8), ...ending(8, [END], 64), ...copy(STATE, outer, 8), ...call(COMPRESS),
];

const swapped = (value: Code): Code => [...value, ...call(SWAP)];

/** The bytes of a word in the other order. */
function swap(): WasmFunction {
  const halves = (mask: bigint, by: bigint): Code => [
    ...get(0), ...const64(mask), i64.and, ...const64(by), i64.shl, ...get(0), ...const64(by), i64.shrU, ...const64(mask), i64.and, i64.or, ...set(0),
  ];
  const code = [...halves(0x00ff00ff00ff00ffn, 8n), ...halves(0x0000ffff0000ffffn, 16n), ...get(0), ...const64(32n), i64.rotr];
  return { name: null, params: [I64], results: [I64], locals: { count: 0, type: I64 }, code };
}

function step(): WasmFunction {
  const keyWords = Array.from({ length: 4 }, (_, i) => store64(BLOCK + 8 * i, swapped(load64(CHAIN_KEY + 8 * i)))).flat();
  const tell = (to: number, words: number): Code => Array.from({ length: words }, (_, i) => store64(to + 8 * i, swapped(load64(STATE + 8 * i)))).flat();
  const code = [
    ...hmac(SALT_INNER, SALT_OUTER, [...keyWords, ...ending(4, [END], 32)]), ...copy(EXTRACTED, STATE, 8),
    ...padded(INNER, INNER_PAD, EXTRACTED), ...padded(OUTER, OUTER_PAD, EXTRACTED),
    ...hmac(INNER, OUTER, ending(0, infoWords(1n), 15)), ...tell(RESULT, 8), ...copy(EXTRACTED, STATE, 8),
    ...hmac(INNER, OUTER, [...copy(BLOCK, EXTRACTED, 8), ...ending(8, infoWords(2n), 79)]), ...tell(RESULT + 64, 3),
    ...call(HSALSA20), ...clear(0, RESULT),
  ];
  return { name: 'step', params: [], results: [], locals: { count: 0, type: I64 }, code };
}

function prepare(): WasmFunction {
  const code = [...padded(SALT_INNER, INNER_PAD, null), ...padded(SALT_OUTER, OUTER_PAD, null), ...clear(0, RESULT)];
  return { name: 'prepare', params: [], results: [], locals: { count: 0, type: I64 }, code };
}

export interface ChainModule {
  readonly memory: Uint8Array;
  /** From the bytes at `CHAIN_KEY` to those at `RESULT`; nothing else stays. */
  readonly step: () => void;
  /** HSalsa20 of the 32 bytes at `BOX_KEY`, in place. */
  readonly hsalsa20: () => void;
}

/** Null where there is no WebAssembly. */
export function chainModule(): ChainModule | null {
  const instance = instanceOf([compression(STATE, BLOCK), swap(), hsalsa20('hsalsa20', BOX_KEY), step(), prepare()]);
  if (instance === null) return null;
  const { memory, functions } = instance;
  functions['prepare']!();
  return { memory: new Uint8Array(memory), step: functions['step']!, hsalsa20: functions['hsalsa20']! };
}
