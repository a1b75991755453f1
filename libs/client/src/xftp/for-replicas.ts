/**
 * One small command for each of many replicas, all of which are tried: what one server refuses must not keep the others
 * from being told. A server that cannot be reached is not tried again for the next chunk.
 */
import type { ChunkReplica } from '@polyplex/protocol-xftp';
import { grouped, inGroups } from './in-groups.ts';
import { serverKey, type ServerLines } from './server-lines.ts';
import type { XftpClient } from './xftp-client.ts';
import { isTemporary, XftpClientError, XftpRefusedError } from './xftp-error.ts';

export interface PlacedReplica {
  /** Of the chunk. */
  readonly no: number;
  readonly replica: ChunkReplica;
}

export interface ReplicasOutcome {
  readonly done: number;
  /** The server does not know it, so that there is nothing to do. */
  readonly unknown: number;
  readonly failures: readonly { readonly replica: ChunkReplica; readonly error: unknown }[];
}

export async function forReplicas(
  replicas: readonly PlacedReplica[],
  { lines, signal }: { readonly lines: ServerLines; readonly signal: AbortSignal | undefined },
  task: (client: XftpClient, placed: PlacedReplica, signal: AbortSignal) => Promise<void>,
): Promise<ReplicasOutcome> {
  const outcome = { done: 0, unknown: 0, failures: [] as { replica: ChunkReplica; error: unknown }[] };
  const unreachable = new Map<string, unknown>();
  await inGroups(grouped(replicas, ({ replica }) => serverKey(replica.server)), signal, async (placed, each) => {
    const { replica } = placed;
    const key = serverKey(replica.server);
    try {
      if (unreachable.has(key)) throw unreachable.get(key);
      await lines.run(replica.server, each, (client) => task(client, placed, each));
      outcome.done++;
    } catch (error) {
      if (!(error instanceof XftpRefusedError || error instanceof XftpClientError)) throw error;
      if (isTemporary(error)) unreachable.set(key, error);
      if (error instanceof XftpRefusedError && error.error.type === 'AUTH') outcome.unknown++;
      else outcome.failures.push({ replica, error });
    }
  });
  return outcome;
}
