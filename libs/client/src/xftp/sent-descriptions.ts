/** The descriptions of a file that was sent (XFTP §1.4, §4.7): recipient i of every chunk goes into description i. */
import type { ServerAddress } from '@polyplex/protocol-common';
import type { ChunkReplica, FileDescription } from '@polyplex/protocol-xftp';
import type { SendPlan, SentChunk } from './send-journal.ts';
import type { EntityKey } from './xftp-session.ts';

type Created = ReadonlyMap<number, SentChunk>;

/** `i` from 0. */
export function recipientDescription(plan: SendPlan, created: Created, i: number): FileDescription {
  return described(plan, created, 'recipient', ({ recipients }) => recipients[i]!);
}

export function senderDescription(plan: SendPlan, created: Created): FileDescription {
  return described(plan, created, 'sender', ({ sender }) => sender);
}

function described({ size, digest, key, nonce, chunks }: SendPlan, created: Created, party: FileDescription['party'], ofParty: (chunk: SentChunk) => EntityKey): FileDescription {
  return {
    party, size, digest, key, nonce,
    chunkSize: chunks[0]!.size,
    chunks: chunks.map((chunk) => ({
      size: chunk.size,
      digest: chunk.digest,
      replicas: [replicaOf(chunk.server, ofParty(created.get(chunk.no)!))],
    })),
    redirect: null,
  };
}

/** The password is for sending only, and nobody else's business (XFTP §1.3). */
function replicaOf({ hosts, port, keyHash }: ServerAddress, { id, key }: EntityKey): ChunkReplica {
  return { server: { hosts, port, keyHash }, replicaId: id, replicaKey: key };
}
