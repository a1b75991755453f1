/**
 * Tells servers that a recipient has a chunk (FACK, XFTP §8.2), each where it was downloaded. A courtesy: the file is
 * safe by now, so one that cannot be told is left to expire.
 */
import type { FileDescription } from '@polyplex/protocol-xftp';
import { forReplicas, type PlacedReplica } from './for-replicas.ts';
import type { ReceiveJournal, ReceiveState } from './receive-journal.ts';
import type { ServerLines } from './server-lines.ts';

export interface AcknowledgeOptions {
  readonly journal: ReceiveJournal;
  readonly state: ReceiveState;
  readonly lines: ServerLines;
  readonly signal: AbortSignal | undefined;
}

/** Of a redirect's own chunks, which are not in the journal. */
const OF_REDIRECT = 0;

/** Answers how many could not be told. */
export async function acknowledgeChunks(outer: FileDescription, target: FileDescription, { journal, state, lines, signal }: AcknowledgeOptions): Promise<number> {
  const own = target.chunks.map(({ replicas: all }, i): PlacedReplica => ({ no: i + 1, replica: all[state.chunks.get(i + 1) ?? 0] ?? all[0]! }));
  const replicas = own.filter(({ no }) => !state.acknowledged.has(no));
  if (outer !== target) replicas.push(...outer.chunks.map(({ replicas: all }) => ({ no: OF_REDIRECT, replica: all[0]! })));
  const { failures } = await forReplicas(replicas, { lines, signal }, async (client, { no, replica }, each) => {
    await client.acknowledgeChunk({ id: replica.replicaId, key: replica.replicaKey }, { signal: each });
    if (no !== OF_REDIRECT) await journal.acknowledged(state, no);
  });
  return failures.length;
}
