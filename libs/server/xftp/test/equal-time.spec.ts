/**
 * A missing file and a wrong key look the same: the same bytes, and the same time (XFTP §3.2). Commands of the two kinds
 * alternate, so that drift hits both; compared are medians of the time to the answer, without sockets, whose noise would
 * hide a verification.
 *
 * Power: an answer takes some 0.1 to 0.4 ms, of which the verification is a third (X25519) to nine tenths (Ed448). With 400
 * pairs the median of the differences has a standard error of about 1 %, so a skipped verification is seen with near
 * certainty. The bound of 10 % keeps a busy machine from failing it.
 */
import { equalBytes } from '@polyplex/base';
import { generateKeyPair, type KeyPair, type PrivateKey, randomBytes } from '@polyplex/crypto';
import { authorize, authenticatorKey, handshakeBlock } from '@polyplex/protocol-common';
import { clientHandshake, encodeCommand, encodeRequestBlock, signedPart, type XftpCommand } from '@polyplex/protocol-xftp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFile, type Kind, type TestFile, uploadedFile } from './support/file.ts';
import { startFileServer, type TestFileServer } from './support/file-server.ts';
import { connectInMemory, type MemoryConnection } from './support/memory-connection.ts';
import { RawClient, received, said } from './support/raw-client.ts';

const PAIRS = 400;
const ROUNDS = 5;
const BOUND = 0.1;
const KINDS: readonly Kind[] = ['ed25519', 'x25519', 'ed448'];

let server: TestFileServer;
let owner: RawClient;
let prober: MemoryConnection;
/** Whoever makes an authenticator needs some key of the other end; that it does not verify is the point. */
const SOME_KEY: KeyPair<'x25519'> = generateKeyPair('x25519');
beforeAll(async () => {
  server = await startFileServer();
  owner = await RawClient.connect(server);
  prober = connectInMemory(server, { sessionId: randomBytes(32) });
  await prober.ask(new Uint8Array(0));
  await prober.ask(handshakeBlock(clientHandshake, { version: 3, keyHash: server.fingerprint }));
});
afterAll(async () => {
  prober.close();
  owner.close();
  await server.stop();
});

interface Probe {
  readonly command: XftpCommand;
  readonly entityId: Uint8Array;
}

function block({ command, entityId }: Probe, key: PrivateKey, corrId: Uint8Array): Uint8Array {
  const head = { sessionId: prober.sessionId, corrId, entityId, command: encodeCommand(command) };
  const signing = key.kind === 'x25519' ? authenticatorKey(key as PrivateKey<'x25519'>, SOME_KEY.publicKey)! : (key as PrivateKey<'ed25519'>);
  return encodeRequestBlock({ ...head, auth: authorize(signing, corrId, signedPart(head)) });
}

/** Microseconds of one refused command; its answer must be ERR AUTH. */
async function refusedIn(probe: Probe, kind: Kind): Promise<number> {
  const request = block(probe, generateKeyPair(kind).privateKey, randomBytes(24));
  const start = process.hrtime.bigint();
  const body = await prober.ask(request);
  const took = Number(process.hrtime.bigint() - start) / 1000;
  const { reply } = received({ body: Buffer.from(body) });
  if (said(reply) !== 'ERR AUTH') throw new Error(said(reply));
  return took;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Relative difference of the medians of two probes that alternate; the least of a few rounds, for noise only adds. */
async function difference(a: Probe, b: Probe, kind: Kind): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < ROUNDS && least > BOUND; round++) {
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < PAIRS; i++) {
      const first = i % 2;
      times[first]!.push(await refusedIn(first === 0 ? a : b, kind));
      times[1 - first]!.push(await refusedIn(first === 0 ? b : a, kind));
    }
    least = Math.min(least, Math.abs(median(times[0]) / median(times[1]) - 1));
  }
  return least;
}

test('the bytes are the same', async () => {
  const file = await createFile(owner);
  const [corrId, key] = [randomBytes(24), generateKeyPair('ed25519').privateKey];
  const ask = async (entityId: Uint8Array): Promise<Uint8Array> => prober.ask(block({ command: { tag: 'FDEL' }, entityId }, key, corrId));
  const [wrongKey, missing] = [await ask(file.senderId), await ask(randomBytes(16))];
  const at = 5 + 1 + 1 + 32 + 1 + 24 + 1; // up to the entity, which is an echo
  expect(equalBytes(wrongKey.subarray(0, at), missing.subarray(0, at))).toBe(true);
  expect(equalBytes(wrongKey.subarray(at + 16), missing.subarray(at + 16))).toBe(true);
});

describe.each(KINDS)('refused %s takes the same time', (kind) => {
  let file: TestFile;
  let otherKind: TestFile;
  beforeAll(async () => {
    file = await uploadedFile(owner, { kind });
    otherKind = await uploadedFile(owner, { kind: KINDS.find((each) => each !== kind)! });
  });
  const missing = (command: XftpCommand): Probe => ({ command, entityId: randomBytes(16) });

  test('FPUT: another key, or no file', async () => {
    const command = { tag: 'FPUT' } as const;
    expect(await difference({ command, entityId: file.senderId }, missing(command), kind)).toBeLessThan(BOUND);
  });

  test('FDEL: a key of another kind, or no file', async () => {
    const command = { tag: 'FDEL' } as const;
    expect(await difference({ command, entityId: otherKind.senderId }, missing(command), kind)).toBeLessThan(BOUND);
  });

  test('FGET: another key, or no file', async () => {
    const command = { tag: 'FGET', dhKey: generateKeyPair('x25519').publicKey } as const;
    expect(await difference({ command, entityId: file.recipients[0]!.id }, missing(command), kind)).toBeLessThan(BOUND);
  });

  test('FACK: the id of the other party, or no file', async () => {
    const command = { tag: 'FACK' } as const;
    expect(await difference({ command, entityId: file.senderId }, missing(command), kind)).toBeLessThan(BOUND);
  });
});
