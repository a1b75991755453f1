/** Code of ours as functions of this process. */
import { moduleOf, type WasmFunction } from './assembler.ts';

export interface Instance {
  readonly memory: ArrayBuffer;
  readonly functions: Readonly<Record<string, (...given: number[]) => void>>;
}

/** Of Node's types none has it. */
interface WithWebAssembly {
  readonly WebAssembly?: {
    readonly validate: (bytes: Uint8Array) => boolean;
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
}

/** Null where there is no WebAssembly (`--jitless`), or none with what they use. */
export function instanceOf(functions: readonly WasmFunction[]): Instance | null {
  const { WebAssembly } = globalThis as WithWebAssembly;
  const bytes = moduleOf(functions);
  if (WebAssembly?.validate(bytes) !== true) return null;
  const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Instance['functions'] & { readonly memory: { readonly buffer: ArrayBuffer } };
  return { memory: exports.memory.buffer, functions: exports };
}
