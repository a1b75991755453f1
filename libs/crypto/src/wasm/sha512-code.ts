/** SHA-512 (FIPS 180-4 §6.4) as WebAssembly: the compression of one block, over words as numbers, not as bytes on a wire. */
import { type Code, const64, get, I64, i64, load64, set, store64, tee, type WasmFunction } from './assembler.ts';

function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let candidate = 2n; found.length < count; candidate++) if (found.every((prime) => candidate % prime !== 0n)) found.push(candidate);
  return found;
}

/** The first 64 bits of the fraction of a root, which the standard's constants are (§4.2.3, §5.3.5). */
function fractionOfRoot(value: bigint, degree: bigint): bigint {
  const scaled = value << (64n * degree);
  let root = 0n;
  for (let bit = 1n << 69n; bit > 0n; bit >>= 1n) if ((root | bit) ** degree <= scaled) root |= bit;
  return BigInt.asUintN(64, root);
}

const ROUNDS = 80;
const ROUND_CONSTANTS = primes(ROUNDS).map((prime) => fractionOfRoot(prime, 3n));
export const INITIAL_STATE: readonly bigint[] = primes(8).map((prime) => fractionOfRoot(prime, 2n));

/** Locals: the eight working variables, sixteen words of the schedule, one more. */
const WORDS = 8;
const SPARE = 24;

const rotated = (local: number, by: number): Code => [...get(local), ...const64(BigInt(by)), i64.rotr];
const shifted = (local: number, by: number): Code => [...get(local), ...const64(BigInt(by)), i64.shrU];
const word = (round: number): number => WORDS + (round & 15);

/** The word of the schedule for this round and those after it. */
function schedule(round: number): Code {
  const [low, high] = [word(round - 15), word(round - 2)];
  return [
    ...get(word(round)), ...rotated(low, 1), ...rotated(low, 8), i64.xor, ...shifted(low, 7), i64.xor, i64.add, ...get(word(round - 7)), i64.add,
    ...rotated(high, 19), ...rotated(high, 61), i64.xor, ...shifted(high, 6), i64.xor, i64.add, ...set(word(round)),
  ];
}

function round(index: number, [a, b, c, d, e, f, g, h]: readonly number[]): Code {
  return [
    ...get(h!), ...rotated(e!, 14), ...rotated(e!, 18), i64.xor, ...rotated(e!, 41), i64.xor, i64.add,
    ...get(f!), ...get(g!), i64.xor, ...get(e!), i64.and, ...get(g!), i64.xor, i64.add, // Ch
    ...const64(ROUND_CONSTANTS[index]!), i64.add, ...get(word(index)), i64.add, ...tee(SPARE),
    ...get(d!), i64.add, ...set(d!),
    ...get(SPARE), ...rotated(a!, 28), ...rotated(a!, 34), i64.xor, ...rotated(a!, 39), i64.xor, i64.add,
    ...get(a!), ...get(b!), i64.and, ...get(c!), ...get(a!), ...get(b!), i64.or, i64.and, i64.or, i64.add, ...set(h!), // Maj
  ];
}

/** Takes the 16 words at `block` into the 8 words at `state`. */
export function compression(state: number, block: number): WasmFunction {
  const code: number[] = [];
  for (let i = 0; i < 8; i++) code.push(...load64(state + 8 * i), ...set(i));
  for (let i = 0; i < 16; i++) code.push(...load64(block + 8 * i), ...set(word(i)));
  let variables = [0, 1, 2, 3, 4, 5, 6, 7];
  for (let i = 0; i < ROUNDS; i++) {
    if (i >= 16) code.push(...schedule(i));
    code.push(...round(i, variables));
    variables = [variables[7]!, ...variables.slice(0, 7)];
  }
  variables.forEach((local, i) => code.push(...store64(state + 8 * i, [...load64(state + 8 * i), ...get(local), i64.add])));
  return { name: null, params: [], results: [], locals: { count: SPARE + 1, type: I64 }, code };
}
