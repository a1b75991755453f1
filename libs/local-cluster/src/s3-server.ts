/**
 * One S3 server (SeaweedFS) as a local process that can be killed, stopped and started again: with a bucket, a key that may
 * do everything and one that may only read.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Daemon, logTail, startDaemon } from './daemon.ts';
import { LocalClusterError } from './errors.ts';
import { lookUpProgram } from './find-program.ts';
import { freePort, isPortFree, releasePort } from './free-port.ts';
import { openFolder } from './temporary-folder.ts';
import { guardFolder } from './watchdog.ts';
import { waitUntil } from './wait-until.ts';

const START_TIMEOUT_MS = 60_000;
const PORT_TRIES = 5;
const PROGRAM = fileURLToPath(new URL('../../../node_modules/.cache/seaweedfs/bin/weed', import.meta.url));
const BUCKET = 'polyplex-test';
const REGION = 'us-east-1';
const PROBE = 'probe';

/** The parts of SeaweedFS, each of which has a port for HTTP and one for the other parts. */
const PARTS = ['master', 'volume', 'filer', 's3'] as const;
type Ports = Readonly<Record<(typeof PARTS)[number], { readonly http: number; readonly grpc: number }>>;

export interface S3Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const OWNER: S3Key = { accessKeyId: 'polyplex', secretAccessKey: 'polyplex-owner-secret' };
const READER: S3Key = { accessKeyId: 'polyplex-reader', secretAccessKey: 'polyplex-reader-secret' };

/** May do everything itself; the bucket exists and is empty at first. */
export interface S3Server extends S3Key {
  /** `http://127.0.0.1:PORT`; buckets are in the path. */
  readonly endpoint: string;
  readonly port: number;
  readonly region: string;
  readonly bucket: string;
  /** May read and list only. */
  readonly reader: S3Key;
  /** Of the process that runs, or of the last one. */
  readonly pid: number;
  readonly isRunning: boolean;
  /** What the present process has logged. */
  log(): string;
  /** Ends the process at once and waits until it is gone; data and port stay. */
  kill(): Promise<void>;
  /** Starts it again with its data on its port, ending it first where it runs; resolves when it serves. */
  restart(): Promise<void>;
  /** Stands still: connections stay open and nothing is answered. */
  pause(): void;
  resume(): void;
  /** Ends the process and removes its folder; may be called again. */
  stop(): Promise<void>;
}

/** Rejects with PROGRAM, PORT or START. */
export async function startS3(): Promise<S3Server> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce();
    } catch (error) {
      if (!(error instanceof LocalClusterError && error.code === 'PORT') || tries === PORT_TRIES) throw error;
    }
  }
}

async function startOnce(): Promise<S3Server> {
  const program = lookUpProgram(PROGRAM);
  if (program === undefined) throw new LocalClusterError('PROGRAM', 'the S3 server is not there; tools/install-s3-server.sh brings it');
  await using parts = new AsyncDisposableStack();
  const ports = await choosePorts(parts);
  const folder = await openFolder(undefined, 's3');
  parts.defer(() => folder.remove());
  for (const socket of strayedSockets(ports)) {
    guardFolder(socket);
    parts.defer(() => rm(socket, { force: true }));
  }
  const keysFile = join(folder.path, 'keys.json');
  await writeFile(keysFile, keysConfig(), { mode: 0o600 });
  const args = serverArgs(folder.path, keysFile, ports);
  const launch = () => startDaemon({ program, args, logFile: join(folder.path, 's3.log'), cwd: folder.path });
  const client = new S3Client({
    endpoint: endpointOf(ports), region: REGION, credentials: OWNER, forcePathStyle: true, maxAttempts: 1,
    requestHandler: { requestTimeout: 5000, throwOnRequestTimeout: true, httpAgent: { keepAlive: false } },
  });
  parts.defer(() => client.destroy());
  const daemon = await launch();
  parts.defer(async () => void (await daemon.end('SIGKILL')));
  await serves(daemon, client);
  return serverOf({ ports, client, daemon, launch, parts: parts.move() });
}

async function choosePorts(parts: AsyncDisposableStack): Promise<Ports> {
  const reserve = async (): Promise<number> => {
    const port = await freePort();
    parts.defer(() => releasePort(port));
    if (!(await isPortFree(port))) throw new LocalClusterError('PORT', `port ${port} is in use by another program`);
    return port;
  };
  const chosen = [];
  for (const part of PARTS) chosen.push([part, { http: await reserve(), grpc: await reserve() }] as const);
  return Object.fromEntries(chosen) as unknown as Ports;
}

const endpointOf = (ports: Ports): string => `http://127.0.0.1:${ports.s3.http}`;

/** Sockets that SeaweedFS makes outside its folder, whatever it is told, and leaves when it is killed. */
function strayedSockets(ports: Ports): string[] {
  return PARTS.map((part) => `/tmp/seaweedfs-${part}-grpc-${ports[part].grpc}.sock`);
}

function keysConfig(): string {
  const identity = ({ accessKeyId, secretAccessKey }: S3Key, actions: readonly string[]) =>
    ({ name: accessKeyId, credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }], actions });
  return JSON.stringify({ identities: [identity(OWNER, ['Admin', 'Read', 'Write', 'List']), identity(READER, ['Read', 'List'])] });
}

function serverArgs(folder: string, keysFile: string, ports: Ports): string[] {
  return [
    '-logtostderr=true', 'server', `-dir=${folder}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-filer', '-s3',
    ...PARTS.flatMap((part) => [`-${part}.port=${ports[part].http}`, `-${part}.port.grpc=${ports[part].grpc}`]),
    `-filer.localSocket=${folder}/filer.sock`, `-s3.localSocket=${folder}/s3.sock`,
    `-s3.config=${keysFile}`, '-s3.autoCreateBucket=false', '-s3.iam=false', '-s3.port.iceberg=0', '-s3.port.lance=0',
    '-volume.max=100', '-master.volumeSizeLimitMB=64', '-master.telemetry=false',
    // A single master need not wait for others, nor for a leader that it was itself.
    '-master.electionTimeout=300ms', '-master.heartbeatInterval=100ms', '-master.resumeState=false',
  ];
}

/** Resolves when the bucket is there and objects can be written. */
async function serves(daemon: Daemon, client: S3Client): Promise<void> {
  await waitUntil('starting the S3 server', async () => {
    if (!daemon.isRunning()) {
      const output = daemon.output();
      if (/address already in use/.test(output)) throw new LocalClusterError('PORT', 'a port of the S3 server is in use by another program');
      throw new LocalClusterError('START', `the S3 server did not start: ${logTail(output)}`);
    }
    await client.send(new CreateBucketCommand({ Bucket: BUCKET })).catch((error: unknown) => {
      if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error;
    });
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: PROBE, Body: PROBE }));
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: PROBE }));
    return true;
  }, { timeoutMs: START_TIMEOUT_MS, intervalMs: 100 });
}

interface Parts {
  readonly ports: Ports;
  readonly client: S3Client;
  readonly daemon: Daemon;
  readonly launch: () => Promise<Daemon>;
  readonly parts: AsyncDisposableStack;
}

function serverOf({ ports, client, daemon: first, launch, parts }: Parts): S3Server {
  let daemon = first;
  const kill = async () => void (await daemon.end('SIGKILL'));
  return {
    ...OWNER,
    endpoint: endpointOf(ports),
    port: ports.s3.http,
    region: REGION,
    bucket: BUCKET,
    reader: READER,
    get pid() { return daemon.pid; },
    get isRunning() { return daemon.isRunning(); },
    log: () => daemon.output(),
    kill,
    async restart() {
      if (parts.disposed) throw new LocalClusterError('STATE', 'this S3 server was stopped for good; start another');
      await kill();
      daemon = await launch();
      await serves(daemon, client);
    },
    pause: () => daemon.signal('SIGSTOP'),
    resume: () => daemon.signal('SIGCONT'),
    async stop() {
      await kill();
      await parts.disposeAsync();
    },
  };
}
