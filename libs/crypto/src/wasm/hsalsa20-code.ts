/** HSalsa20 of sixteen zero bytes (SMP §1.7) as WebAssembly. */
import { type Code, const32, get, I32, i32, load32, set, store32, type WasmFunction } from './assembler.ts';

/** "expand 32-byte k" */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const DIAGONAL = [0, 5, 10, 15];
const DOUBLE_ROUNDS = 10;

/** One double round: for each column and then each row, which word changes by which two others. */
const COLUMNS = [[0, 4, 8, 12], [5, 9, 13, 1], [10, 14, 2, 6], [15, 3, 7, 11]];
const ROWS = [[0, 1, 2, 3], [5, 6, 7, 4], [10, 11, 8, 9], [15, 12, 13, 14]];

function step(target: number, a: number, b: number, by: number): Code {
  return [...get(target), ...get(a), ...get(b), i32.add, ...const32(by), i32.rotl, i32.xor, ...set(target)];
}

function quarter([a, b, c, d]: readonly number[]): Code {
  return [...step(b!, a!, d!, 7), ...step(c!, b!, a!, 9), ...step(d!, c!, b!, 13), ...step(a!, d!, c!, 18)];
}

/** Turns the 32 bytes at `secret` into the key of a box, in place. */
export function hsalsa20(name: string, secret: number): WasmFunction {
  const code: number[] = [];
  DIAGONAL.forEach((local, i) => code.push(...const32(SIGMA[i]!), ...set(local)));
  for (let i = 0; i < 4; i++) {
    code.push(...load32(secret + 4 * i), ...set(1 + i), ...load32(secret + 16 + 4 * i), ...set(11 + i));
    code.push(...const32(0), ...set(6 + i));
  }
  for (let i = 0; i < DOUBLE_ROUNDS; i++) code.push(...[...COLUMNS, ...ROWS].flatMap(quarter));
  [...DIAGONAL, 6, 7, 8, 9].forEach((local, i) => code.push(...store32(secret + 4 * i, get(local))));
  return { name, params: [], results: [], locals: { count: 16, type: I32 }, code };
}
