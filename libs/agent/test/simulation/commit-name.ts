/** What a commit is about, said by what it changes: for counting. */
import type { Put } from './sim-store.ts';

const UNTOLD = new Set(['receiving-of', 'sending-of', 'counter', 'seen']);

interface Tasked {
  readonly task: { readonly do: string; readonly what?: string };
}

export function commitName(changes: readonly Put[]): string {
  const names = changes.filter(({ kind }) => !UNTOLD.has(kind)).map(({ kind, value }) => {
    if (kind !== 'task') return value === undefined ? `-${kind}` : kind;
    return value === undefined ? 'task done' : `to ${(value as Tasked).task.what ?? (value as Tasked).task.do}`;
  });
  return [...new Set(names)].sort().join(', ') || 'nothing';
}
