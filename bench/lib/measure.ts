/** CPU of a server over a stretch of work, and how figures are printed. */
import type { ServerProcess } from './server-process.ts';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Microseconds of server CPU for each of `count` operations. */
export async function cpuEach(server: ServerProcess, count: number, work: () => Promise<void>): Promise<number> {
  const before = server.cpuMicros();
  await work();
  return (server.cpuMicros() - before) / count;
}

/** Bytes of server memory for each of `count` things that `work` brings into being. */
export async function bytesEach(server: ServerProcess, count: number, work: () => Promise<void>): Promise<number> {
  await server.settle();
  const before = server.residentBytes();
  await work();
  await server.settle();
  return (server.residentBytes() - before) / count;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Runs `task(i)` for i below `count`, `width` at a time. */
export async function spread(count: number, width: number, task: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(width, count) }, async () => {
      while (next < count) await task(next++);
    }),
  );
}

export function print(figures: readonly Figure[]): void {
  const width = Math.max(...figures.map(({ name }) => name.length));
  for (const { name, value, unit } of figures) console.log(`${name.padEnd(width)}  ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit}`);
}
