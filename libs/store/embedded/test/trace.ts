/** What a process asks of the kernel, by strace: its writes, flushes, and what it opens and renames. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const CALLS = 'write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,msync,sync_file_range,openat,rename,renameat,renameat2';
const STRACE = 'strace';

/** A system call, with its place in the trace. */
export interface Call {
  readonly name: string;
  readonly text: string;
  readonly begin: number;
  end: number;
}

/** The system calls of a process that works in `<folder>/store`, in the order in which they began. */
export function traceOf(script: string, folder: string): Call[] {
  const output = join(folder, 'trace');
  const child = [process.execPath, script, join(folder, 'store')];
  const run = spawnSync(STRACE, ['-f', '-y', '-qq', '-s', '16', '-e', `trace=${CALLS}`, '-o', output, ...child], { encoding: 'utf8' });
  if (run.error !== undefined) throw new Error(`this test needs strace: apt-get install strace (${run.error.message})`);
  expect(run.status, run.stderr).toBe(0);
  return parse(readFileSync(output, 'latin1').split('\n'));
}

/** Joins the halves of calls during which another thread made one. */
function parse(lines: readonly string[]): Call[] {
  const calls: Call[] = [];
  const open = new Map<string, Call>();
  lines.forEach((line, at) => {
    const [, thread, rest] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (thread === undefined || rest === undefined) return;
    const resumed = open.get(thread);
    if (rest.startsWith('<...') && resumed !== undefined) {
      resumed.end = at;
      open.delete(thread);
      return;
    }
    const name = /^(\w+)\(/.exec(rest)?.[1];
    if (name === undefined) return;
    const call: Call = { name, text: rest, begin: at, end: at };
    calls.push(call);
    if (rest.includes('<unfinished')) open.set(thread, call);
  });
  return calls;
}
