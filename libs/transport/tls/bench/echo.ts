/**
 * What a connection costs its server: CPU per echoed block (one in, one out) beside a bare TLS socket, CPU per
 * handshake by group, memory per idle connection. Client and server are separate processes; figures are the server's.
 * Run: `node libs/transport/tls/bench/echo.ts [connections]`
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { dialTls } from '../src/index.ts';
import { STRICT_PARAMETERS } from '../src/tls-parameters.ts';
import type { Ready, Usage } from './echo-server.ts';

const IDLE_CONNECTIONS = Number(process.argv[2] ?? 2000);
const ECHO_CONNECTIONS = 50;
const ECHO_BLOCKS = 60_000;
const HANDSHAKES = 600;
const PARALLEL = 16;

let server = startServer();
let ready = await readiness();

await echo(ready.port, 5000); // warm up
await echo(ready.barePort, 5000);
for (let round = 1; round <= 3; round++) {
  const ours = await echo(ready.port, ECHO_BLOCKS);
  const bare = await echo(ready.barePort, ECHO_BLOCKS);
  console.log(`echoed block        ${ours.toFixed(1)} us   bare socket ${bare.toFixed(1)} us`);
}
for (const [group, version] of [['X448', 'TLSv1.3'], ['X25519', 'TLSv1.3'], ['X25519', 'TLSv1.2']] as const) {
  console.log(`handshake           ${(await handshakes(group, version)).toFixed(0)} us   ${version} ${group}`);
}
server.disconnect();
// In a fresh process: what the work above has freed would be used again and hide the cost.
server = startServer();
ready = await readiness();
await memory();
server.disconnect();

function startServer(): ChildProcess {
  return fork(new URL('echo-server.ts', import.meta.url), { execArgv: ['--expose-gc'] });
}

async function readiness(): Promise<Ready> {
  return ((await once(server, 'message')) as [Ready])[0];
}

async function usage(): Promise<Usage> {
  server.send('usage');
  return ((await once(server, 'message')) as [Usage])[0];
}

/** Microseconds of server CPU per block echoed, over connections with one block in flight each. */
async function echo(port: number, blocks: number): Promise<number> {
  const block = new Uint8Array(16_384).fill(1);
  const sockets = await Promise.all(Array.from({ length: ECHO_CONNECTIONS }, () => peer(port)));
  const before = await usage();
  let left = blocks;
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          let received = 0;
          socket.on('data', (chunk: Buffer) => {
            received += chunk.length;
            if (received < block.length) return;
            received -= block.length;
            if (left-- > 0) socket.write(block);
            else resolve();
          });
          socket.write(block);
        }),
    ),
  );
  const after = await usage();
  for (const socket of sockets) socket.destroy();
  return (after.cpuUs - before.cpuUs) / blocks;
}

async function handshakes(ecdhCurve: string, version: 'TLSv1.2' | 'TLSv1.3'): Promise<number> {
  const secureContext = createSecureContext({ ...STRICT_PARAMETERS, ecdhCurve, minVersion: version, maxVersion: version });
  const before = await usage();
  let left = HANDSHAKES;
  const worker = async (): Promise<void> => {
    while (left-- > 0) (await peer(ready.port, secureContext)).destroy();
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return ((await usage()).cpuUs - before.cpuUs) / HANDSHAKES;
}

async function memory(): Promise<void> {
  await echo(ready.port, 500); // what is loaded and compiled once
  await settle();
  const before = await usage();
  const fingerprint = Buffer.from(ready.fingerprint, 'hex');
  const open = [];
  for (let i = 0; i < IDLE_CONNECTIONS; i += PARALLEL) {
    const dials = Array.from({ length: PARALLEL }, () => dialTls({ host: '127.0.0.1', port: ready.port, fingerprint }));
    open.push(...(await Promise.all(dials)));
  }
  await settle();
  report('idle connection', before, await usage(), open.length);
  await Promise.all(
    open.map((connection) => {
      const echoed = new Promise<void>((resolve) => connection.start({ block: () => resolve(), drained() {}, closed() {} }));
      connection.write(new Uint8Array(16_384));
      return echoed;
    }),
  );
  await settle();
  report('idle after a block', before, await usage(), open.length);
  for (const connection of open) connection.destroy('local');
  await settle();
  report('after they closed', before, await usage(), open.length);
}

function report(what: string, before: Usage, after: Usage, connections: number): void {
  const each = (field: 'rss' | 'heap' | 'external'): string => ((after[field] - before[field]) / connections / 1024).toFixed(1);
  console.log(`${what.padEnd(20)}rss ${each('rss')} KiB   heap ${each('heap')} KiB   external ${each('external')} KiB`);
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000));
}

async function peer(port: number, secureContext?: ReturnType<typeof createSecureContext>): Promise<TLSSocket> {
  const parameters = secureContext === undefined ? STRICT_PARAMETERS : { secureContext };
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['smp/1'], ...parameters });
  socket.on('error', () => {}).setNoDelay(true);
  await once(socket, 'secureConnect');
  return socket;
}
