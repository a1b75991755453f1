/**
 * A million damaged inputs for everything that reads what a peer sends: each answers with its documented null or error
 * and never throws; what was read can be written again. Repeat a finding with its seed (FUZZ_SEED); the long tests take
 * FUZZ_FACTOR times as many, by a new seed each time.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, pad } from '@polyplex/codec';
import { agree, boxKeyOf, fingerprintOf, generateKeyPair, leafPublicKey, sealBox } from '@polyplex/crypto';
import {
  authKindOf, clientHello, encodeBatch, formatAddress, formatBlockingInfo, openHandshakeBlock, parseAddress, parseBlockingInfo, readBatch, readTransmission, serverHello, serviceResponse, signedPart,
  writeTransmission,
} from '@polyplex/protocol-common';
import { certChainPubKeys, createMutator, passwords, serverAddresses, smpCommandArbitrary, smpReplyArbitrary } from '@polyplex/testing';
import {
  encodeCommand, encodeReply, openDelivery, openForwarded, openForwardedResponse, openInner, openNotification, readCommand, readReply,
  sealDelivery, sealForwarded, sealInner, smpErrorText,
} from '../src/index.ts';

const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1);
const SEED = Number(process.env['FUZZ_SEED'] ?? (FACTOR > 1 ? Date.now() % 1_000_000_000 : 20_261_124));
const FIRST_VERSION = 6;
const VERSIONS = 13;
const SAMPLES = 300;

const sampled = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, { numRuns: SAMPLES, seed: SEED });
const versionOf = (i: number): number => FIRST_VERSION + (i % VERSIONS);
const commands = sampled(smpCommandArbitrary);
const replies = sampled(smpReplyArbitrary);
const transmissions = commands.map((command, i) => {
  const version = versionOf(i);
  const auth = new Uint8Array([0, 64, 80, 114][i % 4]!);
  const signed = signedPart(new Uint8Array(24), new Uint8Array(24), encodeCommand(command, version));
  return writeTransmission({ auth, serviceSignature: i % 3 === 0 ? new Uint8Array(64) : null, sessionId: new Uint8Array(32), signed }, version);
});

/** Feeds damaged samples and adds up how many were still well-formed, which must be some: else the damage is too great to test much. */
function storm(count: number, samples: readonly Uint8Array[], wellFormed: (input: Uint8Array, version: number) => boolean): number {
  const mutator = createMutator(SEED);
  let accepted = 0;
  for (let i = 0; i < count * FACTOR; i++) {
    const input = mutator.mutate(samples);
    const version = FIRST_VERSION + mutator.below(VERSIONS);
    let good: boolean;
    try {
      good = wellFormed(input, version);
    } catch (error) {
      throw new Error(`input ${i} of seed ${SEED}, version ${version}: ${Buffer.from(input).toString('hex').slice(0, 400)}`, { cause: error });
    }
    if (good) accepted++;
  }
  return accepted;
}

describe('a million damaged inputs', () => {
  it('commands', () => {
    const encoded = commands.map((command, i) => encodeCommand(command, versionOf(i)));
    const accepted = storm(300_000, encoded, (input, version) => {
      const command = readCommand(input, version);
      if (typeof command === 'string') return command !== 'UNKNOWN' && command !== 'SYNTAX' ? fail(command) : false;
      encodeCommand(command, version);
      return true;
    });
    expect(accepted).toBeGreaterThan(3_000);
  });

  it('replies', () => {
    const encoded = replies.map((reply, i) => encodeReply(reply, versionOf(i)));
    const accepted = storm(300_000, encoded, (input, version) => {
      const reply = readReply(input, version);
      if (reply === null) return false;
      encodeReply(reply, version);
      if (reply.tag === 'ERR') smpErrorText(reply.error);
      return true;
    });
    expect(accepted).toBeGreaterThan(3_000);
  });

  it('transmissions', () => {
    const accepted = storm(150_000, transmissions, (input, version) => {
      const read = readTransmission(input, version);
      if (read === null) return false;
      authKindOf(read.auth);
      readCommand(read.command, version);
      readReply(read.command, version);
      return true;
    });
    expect(accepted).toBeGreaterThan(3_000);
  });

  it('batches', () => {
    const batches = Array.from({ length: 40 }, (_, i) => encodeBatch(transmissions.slice(i, i + 1 + (i % 7))));
    const accepted = storm(100_000, batches, (input, version) => {
      const items = readBatch(input);
      if (items === null) return false;
      for (const item of items) readTransmission(item, version);
      expect(encodeBatch(items)).toHaveLength(input.length);
      return true;
    });
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('handshakes', () => {
    const keys = sampled(certChainPubKeys);
    const dh = generateKeyPair('x25519').publicKey;
    const hellos = keys.flatMap((key, i) => [
      encode(serverHello, { versions: { min: 6, max: versionOf(i) }, sessionId: new Uint8Array(32), key }),
      encode(clientHello, { version: versionOf(i), keyHash: new Uint8Array(32), key: dh, proxyServer: i % 2 === 0, service: i % 3 === 0 ? { role: 'N', ...key } : null }),
      encode(serviceResponse, { type: 'R', serviceId: new Uint8Array(24) }),
    ]);
    const blocks = hellos.map((content) => pad(content, content.length + 40));
    const accepted = storm(100_000, blocks, (input) => {
      const server = openHandshakeBlock(serverHello, input);
      const client = openHandshakeBlock(clientHello, input);
      const response = openHandshakeBlock(serviceResponse, input);
      if (server !== null) encode(serverHello, server);
      if (client !== null) encode(clientHello, client);
      return server !== null || client !== null || response !== null;
    });
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('certificate chains in hellos', () => {
    const samples = sampled(certChainPubKeys).flatMap(({ chain }) => chain);
    storm(5_000, samples, (input) => leafPublicKey([input]) !== null || fingerprintOf([input, input]) === null);
  });

  it('addresses and blocking reasons', () => {
    const texts = fc.sample(fc.tuple(serverAddresses, passwords), { numRuns: SAMPLES, seed: SEED }).map(([address, password]) => formatAddress(address, 'smp', password));
    const infos = [{ reason: 'spam', notice: null }, { reason: 'content', notice: { ttl: 60 } }, { reason: 'spam', notice: { ttl: null } }] as const;
    const samples = [...texts, ...infos.map(formatBlockingInfo)].map((text) => new Uint8Array(Buffer.from(text)));
    const accepted = storm(50_000, samples, (input) => {
      const text = Buffer.from(input).toString();
      const address = parseAddress(text);
      const info = parseBlockingInfo(text);
      if (address !== null) formatAddress(address, address.scheme, address.password);
      if (info !== null) formatBlockingInfo(info);
      return address !== null || info !== null;
    });
    expect(accepted).toBeGreaterThan(500);
  });

  it('boxes: deliveries, notifications, forwarded commands, damaged inside and outside', () => {
    const keys = generateKeyPair('x25519');
    const key = boxKeyOf(agree(keys.privateKey, keys.publicKey)!);
    const nonce = new Uint8Array(24).fill(5);
    const short = (content: Uint8Array): Uint8Array => sealBox(key, nonce, content);
    const sealed = [
      sealDelivery(key, nonce, { kind: 'message', ts: 1, notify: true, body: new Uint8Array(3) }).subarray(0, 300),
      sealInner(key, nonce, transmissions[0]!).subarray(0, 300),
      sealForwarded(key, nonce, { corrId: nonce, version: 9, key: keys.publicKey, encTransmission: new Uint8Array(9) }),
    ];
    const insides = [pad(new Uint8Array([0, 0, 0, 0, 1, 1, 1, 1, 0x54, 0x20, 1, 2]), 64), pad(new Uint8Array(Buffer.from('QUOTA \0\0\0\0\0\0\0\x01')), 64), pad(encodeBatch(transmissions.slice(0, 1)), 600)];
    const open = (box: Uint8Array): boolean => {
      const opened = [openDelivery(key, nonce, box), openNotification(key, nonce, box), openForwardedResponse(key, nonce, box)];
      const inner = openInner(key, nonce, box);
      const forwarded = openForwarded(key, nonce, box);
      return opened.some((value) => value !== null) || 'transmission' in inner || typeof forwarded === 'object';
    };
    expect(storm(10_000, sealed, open)).toBeLessThan(1_000 * FACTOR);
    expect(storm(10_000, insides, (content) => open(short(content)))).toBeGreaterThan(500);
  });
});

function fail(found: string): never {
  throw new Error(`not a parse error: ${found}`);
}
