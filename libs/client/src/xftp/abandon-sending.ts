/** Takes back a sending that will not be finished: what it has put on servers so far would only expire there, after days. */
import { forReplicas, type PlacedReplica, type ReplicasOutcome } from './for-replicas.ts';
import { SendJournal } from './send-journal.ts';
import { ServerLines, type ServerLinesOptions } from './server-lines.ts';
import type { TransferPlace } from './transfer-place.ts';

export interface AbandonSendingOptions extends ServerLinesOptions {
  /** Of the sending, which must have ended. */
  readonly place: TransferPlace;
  readonly signal?: AbortSignal | undefined;
}

/** Deletes the chunks that were created (FDEL), and then the state. What could not be deleted is in the outcome. */
export async function abandonSending({ place, signal, ...options }: AbandonSendingOptions): Promise<ReplicasOutcome> {
  const state = await new SendJournal(place).read();
  const created = [...(state?.created ?? [])].map(([no, { sender }]): PlacedReplica => {
    const { hosts, port, keyHash } = state!.plan.chunks[no - 1]!.server;
    return { no, replica: { server: { hosts, port, keyHash }, replicaId: sender.id, replicaKey: sender.key } };
  });
  const lines = new ServerLines(options);
  try {
    return await forReplicas(created, { lines, signal }, (client, { replica }, each) =>
      client.deleteChunk({ id: replica.replicaId, key: replica.replicaKey }, { signal: each }));
  } finally {
    lines.close();
    await place.clear();
  }
}
