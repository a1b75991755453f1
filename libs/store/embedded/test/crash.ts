/** Kills a process that writes, and checks that nothing it had reported is lost, in several rounds on one folder. */
import { fileURLToPath } from 'node:url';
import { fromBase64Url, toBase64Url } from '@polyplex/base';
import { type Message, type QueueRecord, type QueueStore, resultOf } from '@polyplex/store-contract';
import { expect } from 'vitest';
import { openEmbeddedStore } from '../src/index.ts';
import { runAndKill } from './killed-child.ts';
import { temporaryFolder } from './temporary-folder.ts';

const CHILD = fileURLToPath(new URL('appending-child.ts', import.meta.url));

interface Reported {
  readonly stored: string[];
  /** May be gone: an acknowledgement was under way, at least. */
  readonly tried: Set<string>;
  readonly acknowledged: Set<string>;
}

/** Rounds of at most `aliveMs`; the moment of the kill is random. */
export async function crashRounds(rounds: number, aliveMs: number): Promise<void> {
  const folder = temporaryFolder();
  const reported = new Map<string, Reported>();
  try {
    for (let round = 0; round < rounds; round++) {
      collect(reported, await runAndKill(CHILD, folder.path, Math.random() * aliveMs));
      await verify(folder.path, reported);
    }
    const stored = [...reported.values()].reduce((sum, queue) => sum + queue.stored.length, 0);
    expect(stored).toBeGreaterThan(0);
  } finally {
    folder.remove();
  }
}

function collect(reported: Map<string, Reported>, lines: readonly string[]): void {
  for (const [kind, queue, message] of lines.map((line) => line.split(' '))) {
    if (kind === 'q') reported.set(queue!, { stored: [], tried: new Set(), acknowledged: new Set() });
    if (kind === '+') reported.get(queue!)!.stored.push(message!);
    if (kind === '?') reported.get(queue!)!.tried.add(message!);
    if (kind === '-') reported.get(queue!)!.acknowledged.add(message!);
  }
}

async function verify(path: string, reported: ReadonlyMap<string, Reported>): Promise<void> {
  const store = await openEmbeddedStore({ path });
  try {
    for (const [recipientId, { stored, tried, acknowledged }] of reported) {
      const found = await contents(store, fromBase64Url(recipientId)!);
      for (const msgId of stored) expect(tried.has(msgId) || found.includes(msgId), 'a reported message is there').toBe(true);
      for (const msgId of found) expect(acknowledged.has(msgId), 'an acknowledged message is gone').toBe(false);
      for (const msgId of found) {
        tried.add(msgId); // `contents` has taken it
        acknowledged.add(msgId);
      }
    }
    const counts = await store.counts();
    expect(counts.queues).toBeGreaterThanOrEqual(reported.size);
    // A queue may have been made, but not reported, when the process died; it has no messages yet.
    expect(counts.messages).toBe(0);
  } finally {
    await store.close();
  }
}

/** Takes all messages of a queue; answers their ids. */
async function contents(store: QueueStore, recipientId: Uint8Array): Promise<string[]> {
  const [queue] = await store.find('recipient', [recipientId]);
  expect(queue, 'a reported queue is there').not.toBeNull();
  const ids: string[] = [];
  let head: Message | null = resultOf((await store.heads([recipientId], null))[0]!)?.head ?? null;
  while (head) {
    ids.push(toBase64Url(head.msgId));
    const answer = await store.acknowledge(queue as QueueRecord, head.msgId, null);
    head = answer.status === 'ok' ? answer.next : null;
  }
  return ids;
}
