/** However pieces are cut, chunks lie, and recipients are many: what arrives is what was sent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { createSha512, sha256, sha512 } from '@polyplex/crypto';
import { splitPayload } from '@polyplex/protocol-xftp';
import { receiveFile, safeFileName, sendFile } from '../../src/index.ts';
import { ChunkHashes } from '../../src/xftp/chunk-hashes.ts';
import { contentOf, receiving, sending, sourceOf, TestOutput } from './file-stage.ts';
import { newCredentials, ScriptedFileServer } from './scripted-file-server.ts';

describe('files', () => {
  let servers: ScriptedFileServer[];
  beforeAll(async () => {
    const credentials = newCredentials();
    servers = await Promise.all([1, 2, 3].map(() => ScriptedFileServer.start({}, credentials)));
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it('arrive at every recipient', async () => {
    const cases = fc.record({
      size: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 900_000 })),
      pieceBytes: fc.integer({ min: 1000, max: 200_000 }),
      recipients: fc.integer({ min: 1, max: 3 }),
      serverCount: fc.integer({ min: 1, max: 3 }),
      name: fc.string({ unit: 'grapheme', maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ size, pieceBytes, recipients: count, serverCount, name }) => {
        const content = contentOf(size);
        const to = servers.slice(0, serverCount).map(({ address }) => address);
        const { recipients } = await sendFile(sending(content, { servers: to, source: sourceOf(content, name, pieceBytes), recipients: count }));
        expect(recipients).toHaveLength(count);
        for (const description of recipients) {
          const output = new TestOutput();
          await receiveFile(receiving({ description, output }));
          expect(Buffer.compare(output.content, content)).toBe(0);
          expect(output.name).toBe(safeFileName(name));
        }
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

describe('digests', () => {
  it('are those of the chunks and of the whole, however the pieces are cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700_000 }), fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 }), (payload, cuts) => {
        const sizes = splitPayload(payload);
        const bytes = contentOf(sizes.reduce((sum, size) => sum + size, 0));
        const hashes = new ChunkHashes(sizes);
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const cut = cuts[i % cuts.length]!;
          hashes.update(bytes.subarray(at, at + cut));
          at += cut;
        }
        let at = 0;
        const chunkDigests = sizes.map((size) => sha256(bytes.subarray(at, (at += size))));
        expect(hashes.finish()).toEqual({ digest: sha512(bytes), chunkDigests });
      }),
      { numRuns: 30 },
    );
    expect(new ChunkHashes([]).finish().digest).toEqual(createSha512().digest());
  });
});
