/** Which processors a process may use (Linux, with the `taskset` of util-linux). */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** All threads of a process on one processor from now on; false where that is not possible. */
function pinTo(processor: number, pid: number): boolean {
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(processor), String(pid)], { stdio: 'ignore' }).status === 0;
}

const SERVERS = 1;
const CLIENTS = 0;

/** The server on a processor of its own, and this process, which makes its load, on another; false where there is but one. */
export function apart(serverPid: number): boolean {
  if (availableParallelism() < 2) return false;
  return pinTo(SERVERS, serverPid) && pinTo(CLIENTS, process.pid);
}

/** Puts a process on the server's processor and before all others there, as only root may; false where it may not. */
export function firstBesideServer(pid: number): boolean {
  return pinTo(SERVERS, pid) && spawnSync('chrt', ['--all-tasks', '--fifo', '--pid', '50', String(pid)], { stdio: 'ignore' }).status === 0;
}
