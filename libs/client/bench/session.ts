/**
 * What one client session costs in this process, without TLS: memory while idle, and CPU of a command from `request` to
 * its settled promise (command encoded, authorised, sealed; answer opened and matched). Run: `node libs/client/bench/session.ts`
 */
import { systemClock } from '@polyplex/base';
import { generateKeyPair } from '@polyplex/crypto';
import { type BlockConnection, encryptedBlocks, readBatch, readTransmission } from '@polyplex/protocol-common';
import { replyTransmission, type SmpCommand } from '@polyplex/protocol-smp';
import { DEFAULT_KEEP_ALIVE } from '../src/keep-alive.ts';
import type { RequestOptions } from '../src/requester.ts';
import { SmpSession } from '../src/smp-client.ts';

const VERSION = 18;
const SESSIONS = 20_000;
const COMMANDS = 4_000;
const SUBS = 13_500;

function createSession(write: (block: Uint8Array) => void): SmpSession {
  const sessionId = new Uint8Array(32).fill(1);
  const secret = new Uint8Array(32).fill(2);
  const connection = { sessionId, write: (block: Uint8Array) => (write(block), true) } as unknown as BlockConnection;
  const agreed = {
    version: VERSION, versions: { min: 6, max: VERSION }, sessionId, relayKey: null, relaySessionKey: generateKeyPair('x25519').publicKey, secret,
    cipher: encryptedBlocks('client', sessionId, secret), service: null,
  };
  const settings = { clock: systemClock, requestTimeoutMs: 30_000, maxPending: 16_384, keepAlive: DEFAULT_KEEP_ALIVE, onEvent: () => undefined };
  return new SmpSession(connection, agreed, null, settings);
}

/** A session whose relay answers at the end of the turn; `relayMs` is the relay's own share of the CPU. */
function answeredSession(): { session: SmpSession; relayMs: () => number } {
  const sessionId = new Uint8Array(32).fill(1);
  const relay = encryptedBlocks('server', sessionId, new Uint8Array(32).fill(2));
  let spent = 0;
  const session = createSession((block) => {
    const start = performance.now();
    const items = readBatch(relay.open(block)!)!.map((item) => readTransmission(item, VERSION)!);
    const answer = relay.seal(items.map(({ corrId, entityId }) => replyTransmission({ tag: entityId.length === 0 ? 'PONG' : 'OK' }, { sessionId, corrId, entityId }, VERSION)));
    spent += performance.now() - start;
    queueMicrotask(() => session.received(answer));
  });
  return { session, relayMs: () => spent };
}

async function measure(name: string, count: number, run: (session: SmpSession) => Promise<unknown>): Promise<void> {
  const { session, relayMs } = answeredSession();
  await run(session);
  const before = { cpu: process.cpuUsage(), relay: relayMs() };
  await run(session);
  const { user, system } = process.cpuUsage(before.cpu);
  const clientUs = user + system - (relayMs() - before.relay) * 1000;
  console.log(`${name}: ${(clientUs / count).toFixed(1)} us of CPU each`);
}

const entityId = new Uint8Array(24).fill(7);
const requests = (command: SmpCommand, options: RequestOptions) => async (session: SmpSession) => {
  for (let i = 0; i < COMMANDS; i++) await session.request(command, options);
};

globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
const sessions = Array.from({ length: SESSIONS }, () => createSession(() => undefined));
globalThis.gc?.();
console.log(`idle session: ${Math.round((process.memoryUsage().heapUsed - before) / sessions.length)} bytes of heap (run with --expose-gc)`);

const ed25519 = generateKeyPair('ed25519').privateKey;
const x25519 = generateKeyPair('x25519').privateKey;
await measure('PING', COMMANDS, requests({ tag: 'PING' }, {}));
await measure('ACK, Ed25519', COMMANDS, requests({ tag: 'ACK', msgId: entityId }, { entityId, key: ed25519 }));
await measure('ACK, X25519', COMMANDS, requests({ tag: 'ACK', msgId: entityId }, { entityId, key: x25519 }));
await measure('SEND of 16 KB', COMMANDS, requests({ tag: 'SEND', notify: false, body: new Uint8Array(16_000) }, { entityId }));
await measure('SEND of 16 KB, Ed25519', COMMANDS, requests({ tag: 'SEND', notify: false, body: new Uint8Array(16_000) }, { entityId, key: ed25519 }));
const subs = Array.from({ length: SUBS }, () => ({ command: { tag: 'SUB' } as const, entityId, key: ed25519 }));
await measure('SUB in full blocks, Ed25519', SUBS, (session) => session.requestBatch(subs));
