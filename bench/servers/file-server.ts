/** The file server as it is shipped: a durable store of records, chunks on the disk. Only what bounds one client is not as by default. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@polyplex/base';
import { createXftpServer, DEFAULT_OPTIONS } from '@polyplex/server-xftp';
import { openDiskChunkStore, openEmbeddedFileStore } from '@polyplex/store-embedded';
import { silentLogger } from '@polyplex/telemetry';
import { listenHttp2 } from '@polyplex/transport-http2';
import { freshCredentials, obey } from './obey.ts';
import { UNBOUNDED_LIMITS } from './serve.ts';

const { credentials } = freshCredentials();
const folder = await mkdtemp(join(tmpdir(), 'polyplex-bench-'));
const files = await openEmbeddedFileStore({ path: join(folder, 'records') });
const chunks = await openDiskChunkStore({ path: join(folder, 'chunks') });
const log = { ...silentLogger, error: (text: string, fields?: object) => console.error(text, fields) };
const server = createXftpServer({ files, chunks, clock: systemClock, log, credentials: () => credentials }, {
  ...DEFAULT_OPTIONS, uploads: 1000, downloads: 1000, transfersPerAddress: 1000, newFilesPerMinutePerAddress: 0,
});
const listener = await listenHttp2({
  endpoints: [{ host: '127.0.0.1', port: 0 }],
  credentials: { xftp: credentials },
  limits: UNBOUNDED_LIMITS,
  http: { stallTimeoutMs: 600_000 }, // transfers are held half-way
  onConnection: (connection) => server.accept(connection),
});
obey({
  port: listener.endpoints[0]!.port,
  chain: credentials.chain,
  async stop() {
    const closed = listener.close();
    await server.drain();
    await closed;
    await files.close();
    await chunks.close();
    await rm(folder, { recursive: true, force: true });
  },
});
