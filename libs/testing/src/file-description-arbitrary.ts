/** File descriptions as clients may write them: several chunks, servers and replicas (XFTP §1.4). */
import * as fc from 'fast-check';
import { KEY_BYTES } from '@polyplex/crypto';
import { CHUNK_SIZES, type ChunkReplica, type FileChunk, type FileDescription } from '@polyplex/protocol-xftp';
import { byteStrings, serverAddresses } from './wire-arbitraries.ts';

const replicaKeys: fc.Arbitrary<ChunkReplica['replicaKey']> = fc
  .constantFrom('ed25519', 'ed448', 'x25519')
  .chain((kind) => byteStrings(KEY_BYTES[kind], KEY_BYTES[kind]).map((raw) => ({ kind, raw })));

/** Chunks take their replicas from a few servers; none twice for one chunk. */
const chunks: fc.Arbitrary<FileChunk[]> = fc
  .uniqueArray(serverAddresses, { minLength: 1, maxLength: 3, selector: ({ hosts, port }) => `${hosts.join()}:${port}` })
  .chain((servers) => {
    const replica = fc.record({ server: fc.constantFrom(...servers), replicaId: byteStrings(24, 1), replicaKey: replicaKeys });
    const replicas = fc.uniqueArray(replica, { minLength: 1, maxLength: servers.length, selector: ({ server }) => server });
    return fc.array(fc.record({ size: fc.constantFrom(...CHUNK_SIZES), digest: byteStrings(32, 32), replicas }), { minLength: 1, maxLength: 6 });
  });

export const fileDescriptions: fc.Arbitrary<FileDescription> = fc
  .record({
    party: fc.constantFrom('recipient', 'sender'),
    digest: byteStrings(64, 64),
    key: byteStrings(32, 32),
    nonce: byteStrings(24, 24),
    chunks,
    redirect: fc.option(fc.record({ size: fc.maxSafeNat(), digest: byteStrings(64, 64) }), { nil: null }),
  })
  .map((parts) => ({ ...parts, size: parts.chunks.reduce((sum, chunk) => sum + chunk.size, 0), chunkSize: parts.chunks[0]!.size }));
