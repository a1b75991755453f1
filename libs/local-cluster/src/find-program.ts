/** Where programs of this machine are. */
import { spawnSync } from 'node:child_process';
import { LocalClusterError } from './errors.ts';

/** The shell knows the search path. HAProxy is where Debian's ordinary users do not search. */
const LOOK_UP = 'PATH="$PATH:/usr/local/sbin:/usr/sbin"; command -v -- "$1"';

/** Absolute path of a program, or undefined when it is not there. `name` may be a path. */
export function lookUpProgram(name: string): string | undefined {
  const found = spawnSync('/bin/sh', ['-c', LOOK_UP, 'sh', name], { encoding: 'utf8' }).stdout.trim();
  return found.startsWith('/') ? found : undefined;
}

/** Like `lookUpProgram`; throws `LocalClusterError` PROGRAM with how to install it. */
export function findProgram(name: string): string {
  const found = lookUpProgram(name);
  if (found !== undefined) return found;
  throw new LocalClusterError('PROGRAM', `${name} is not there; on Debian: sudo apt-get install redis-server haproxy prometheus`);
}
