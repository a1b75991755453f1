/** As much of the binary format of WebAssembly 2.0 as the code here needs: functions over one memory, straight-line code. */

/** Bytes of instructions. */
export type Code = readonly number[];

export const I32 = 0x7f;
export const I64 = 0x7e;
export const V128 = 0x7b;

/** Operators, which take their arguments from the stack. */
export const i32 = { add: 0x6a, xor: 0x73, shrU: 0x76, rotl: 0x77 } as const;
export const i64 = { add: 0x7c, and: 0x83, or: 0x84, xor: 0x85, shl: 0x86, shrU: 0x88, rotr: 0x8a } as const;

/** The same for eight numbers of 16 bits at once. `mulHigh`: (a·b + 2^14) >> 15. */
export const v128 = { and: [0xfd, 0x4e], xor: [0xfd, 0x51] } as const;
export const i16x8 = { splat: [0xfd, 0x10], sub: [0xfd, 0x91, 0x01], mul: [0xfd, 0x95, 0x01], mulHigh: [0xfd, 0x82, 0x01] } as const;

function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

function signed(value: bigint): Code {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const byte = Number(rest & 0x7fn);
    if (rest >= -64n && rest < 64n) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const tee = (local: number): Code => [0x22, ...unsigned(local)];
export const call = (index: number): Code => [0x10, ...unsigned(index)];
export const const32 = (value: number): Code => [0x41, ...signed(BigInt(value))];
export const const64 = (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))];

/** Addresses are constants: the base is zero, and all of the address stands in the offset. */
export const load32 = (address: number): Code => [...const32(0), 0x28, 2, ...unsigned(address)];
export const load64 = (address: number): Code => [...const32(0), 0x29, 3, ...unsigned(address)];
export const store32 = (address: number, value: Code): Code => [...const32(0), ...value, 0x36, 2, ...unsigned(address)];
export const store64 = (address: number, value: Code): Code => [...const32(0), ...value, 0x37, 3, ...unsigned(address)];

/** At any address, aligned or not. */
export const loadVector = (address: number): Code => [...const32(0), 0xfd, 0, 0, ...unsigned(address)];
export const storeVector = (address: number, value: Code): Code => [...const32(0), ...value, 0xfd, 11, 0, ...unsigned(address)];

export const clear = (address: number, length: number): Code => [...const32(address), ...const32(0), ...const32(length), 0xfc, 0x0b, 0];

export interface WasmFunction {
  /** Null: only other functions call it. */
  readonly name: string | null;
  readonly params: readonly number[];
  readonly results: readonly number[];
  readonly locals: { readonly count: number; readonly type: number };
  readonly code: Code;
}

const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const nameOf = (text: string): Code => vector([...text].map((character) => [character.charCodeAt(0)]));

function bodyOf({ locals, code }: WasmFunction): Code {
  const body = [...vector([[...unsigned(locals.count), locals.type]]), ...code, 0x0b];
  return [...unsigned(body.length), ...body];
}

/** A module with these functions, in this order, and one page of memory, which is exported as `memory`. */
export function moduleOf(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const exported = functions.flatMap(({ name }, index) => (name === null ? [] : [[...nameOf(name), 0, ...unsigned(index)]]));
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, vector(functions.map(({ params, results }) => [0x60, ...vector(params.map((type) => [type])), ...vector(results.map((type) => [type]))]))),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(5, vector([[0, 1]])),
    ...section(7, vector([[...nameOf('memory'), 2, 0], ...exported])),
    ...section(10, vector(functions.map(bodyOf))),
  ]);
}
