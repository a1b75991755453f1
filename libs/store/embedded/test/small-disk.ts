/** A file system of a test's own, in memory: it can be filled, made read-only, and taken away. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

export interface SmallDisk {
  readonly path: string;
  setReadOnly(readOnly: boolean): void;
  /** Takes the disk away; the folder that it was mounted on stays. Fine when it was done already. */
  unmount(): void;
  /** Unmounts, and removes all. */
  remove(): void;
}

function run(command: string, ...args: string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.error !== undefined || done.status !== 0) {
    throw new Error(`this test mounts a small file system, which needs root: run it as root, or in a container with --cap-add=SYS_ADMIN (${done.stderr})`);
  }
}

export function smallDisk(size: string): SmallDisk {
  const folder = temporaryFolder();
  const path = join(folder.path, 'disk');
  mkdirSync(path);
  run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path);
  let mounted = true;
  const unmount = (): void => {
    if (mounted) run('umount', path);
    mounted = false;
  };
  return {
    path,
    setReadOnly: (readOnly) => run('mount', '-o', `remount,${readOnly ? 'ro' : 'rw'}`, path),
    unmount,
    remove: () => {
      unmount();
      folder.remove();
    },
  };
}
