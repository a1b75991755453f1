/** `unshare --fork` forks once: its child is the first process of the new namespaces. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

const POLL_MS = 50;

/** Its process id, as this process sees it; rejects when there is none. */
export async function firstChild(unshare: ChildProcess): Promise<number> {
  const { pid } = unshare;
  if (pid === undefined) throw new Error('unshare cannot be run: it is in Debian\'s package util-linux');
  while (unshare.exitCode === null) {
    const [child] = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim().split(' ');
    if (child !== undefined && child !== '') return Number(child);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('there are no namespaces to be had: this needs root');
}
