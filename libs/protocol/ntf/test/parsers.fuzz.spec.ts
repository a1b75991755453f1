/**
 * Damaged inputs for everything that reads what a peer sends: each answers with its documented null or error and never
 * throws; what was read can be written again. Repeat a finding with its seed (FUZZ_SEED); the long tests take FUZZ_FACTOR
 * times as many, by a new seed each time.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lenientTextOf, utf8 } from '@polyplex/base';
import { encode, unpad } from '@polyplex/codec';
import { boxKeyOf } from '@polyplex/crypto';
import { authKindOf, formatAddress, openHandshakeBlock, parseAddress, signedPart } from '@polyplex/protocol-common';
import { createMutator, ntfCommandArbitrary, ntfReplyArbitrary, pushItems, serverAddresses } from '@polyplex/testing';
import {
  deviceOf, deviceToken, encodeCommand, encodeReply, ntfBatching, ntfBlocks, ntfClientHello, ntfErrorText, ntfHandshakeBlock, ntfServerHello, openPushData,
  parsePushItems, pushItemsText, readCommand, readNtfTransmission, readReply, replyTransmission, writeNtfTransmission,
} from '../src/index.ts';

const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1);
const SEED = Number(process.env['FUZZ_SEED'] ?? (FACTOR > 1 ? Date.now() % 1_000_000_000 : 20_261_129));
const VERSIONS = 3;
const SAMPLES = 300;

const sampled = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, { numRuns: SAMPLES, seed: SEED });
const versionOf = (i: number): number => 1 + (i % VERSIONS);
const commands = sampled(ntfCommandArbitrary);
const transmissions = commands.map((command, i) => {
  const signed = signedPart(new Uint8Array(24), new Uint8Array(24), encodeCommand(command));
  return writeNtfTransmission({ auth: new Uint8Array([0, 64, 80, 114][i % 4]!), sessionId: new Uint8Array(32), signed }, versionOf(i));
});

/** Feeds damaged samples and adds up how many were still well-formed, which must be some: else the damage is too great to test much. */
function storm(count: number, samples: readonly Uint8Array[], wellFormed: (input: Uint8Array, version: number) => boolean): number {
  const mutator = createMutator(SEED);
  let accepted = 0;
  for (let i = 0; i < count * FACTOR; i++) {
    const input = mutator.mutate(samples);
    const version = 1 + mutator.below(VERSIONS);
    try {
      if (wellFormed(input, version)) accepted++;
    } catch (error) {
      throw new Error(`input ${i} of seed ${SEED}, version ${version}: ${Buffer.from(input).toString('hex').slice(0, 400)}`, { cause: error });
    }
  }
  return accepted;
}

describe('damaged inputs', () => {
  it('commands', () => {
    const accepted = storm(150_000, commands.map(encodeCommand), (input) => {
      const command = readCommand(input);
      if (command === 'UNKNOWN' || command === 'SYNTAX') return false;
      if (typeof command === 'string') throw new Error(command);
      expect(readCommand(encodeCommand(command))).toMatchObject({ tag: command.tag });
      if (command.tag === 'SNEW' && parseAddress(formatAddress(command.relay, 'smp')) === null) throw new Error('a relay without an address');
      if (command.tag === 'TRPL' || command.tag === 'TNEW') checkDevice(command.device);
      return true;
    });
    expect(accepted).toBeGreaterThan(3_000);
  });

  it('replies', () => {
    const encoded = sampled(ntfReplyArbitrary).map((reply, i) => encodeReply(reply, versionOf(i)));
    const accepted = storm(150_000, encoded, (input, version) => {
      const reply = readReply(input, version);
      if (reply === null) return false;
      encodeReply(reply, version);
      if (reply.tag === 'ERR') ntfErrorText(reply.error);
      return true;
    });
    expect(accepted).toBeGreaterThan(3_000);
  });

  it('transmissions', () => {
    const accepted = storm(100_000, transmissions, (input, version) => {
      const read = readNtfTransmission(input, version);
      if (read === null) return false;
      authKindOf(read.auth);
      readCommand(read.command);
      // Whatever a request was called, it has an answer that fits.
      ntfBlocks(version).seal([replyTransmission({ tag: 'PONG' }, { ...read, sessionId: new Uint8Array(32) }, version)]);
      return true;
    });
    expect(accepted).toBeGreaterThan(3_000);
  });

  it('blocks', () => {
    const blocks = [1, 2, 3].flatMap((version) => ntfBatching(version).split(transmissions.filter(({ length }) => length < 500)).map((batch) => ntfBlocks(version).seal(batch)));
    const accepted = storm(60_000, blocks, (input, version) => {
      const content = ntfBlocks(version).open(input);
      const items = content === null ? null : ntfBatching(version).read(content);
      for (const item of items ?? []) readNtfTransmission(item, version);
      return items !== null;
    });
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('hellos', () => {
    const hellos = Array.from({ length: 40 }, (_, i) => [
      ntfHandshakeBlock(ntfServerHello, { versions: { min: 1, max: versionOf(i) }, sessionId: new Uint8Array(32), signedKey: new Uint8Array(122) }),
      ntfHandshakeBlock(ntfClientHello, { version: versionOf(i), keyHash: new Uint8Array(32) }),
    ]).flat();
    const accepted = storm(60_000, hellos, (input) => {
      const server = openHandshakeBlock(ntfServerHello, input);
      const client = openHandshakeBlock(ntfClientHello, input);
      if (server !== null) encode(ntfServerHello, server);
      return server !== null || client !== null;
    });
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('pushes, as an app gets them', () => {
    const key = boxKeyOf(new Uint8Array(32));
    const texts = sampled(fc.array(pushItems(serverAddresses.map((address) => formatAddress(address, 'smp'))), { minLength: 1, maxLength: 6 }));
    const encoded = texts.map((items) => utf8(pushItemsText(items, 3072)));
    const accepted = storm(40_000, encoded, (input) => {
      const items = parsePushItems(lenientTextOf(input));
      if (items === null) return false;
      expect(parsePushItems(pushItemsText(items, 1_000_000))).toEqual(items);
      return true;
    });
    expect(accepted).toBeGreaterThan(300);
    for (const nonce of [undefined, 5, '', 'x', 'A'.repeat(32)]) for (const message of [undefined, null, '', 'A', 'A'.repeat(64)]) expect(openPushData(key, { nonce, message })).toBeNull();
  });
});

/** No byte of a device may change the meaning of the request that it is put into. */
function checkDevice(device: Parameters<typeof deviceOf>[0]): void {
  encode(deviceToken, device);
  const { provider, token } = deviceOf(device);
  if (provider === 'apns_null') return;
  const path = lenientTextOf(token).split(' ')[0]!;
  if (!/^[\x21-\x7e]+$/.test(path) || path.includes('#')) throw new Error('a device that escapes');
  if (provider.startsWith('webpush ')) new URL(provider.slice(8) + path);
}

it('blocks that are no blocks', () => {
  expect(unpad(new Uint8Array(0))).toBeNull();
  for (const version of [1, 2, 3]) {
    expect(ntfBlocks(version).open(new Uint8Array(512).fill(0xff))).toBeNull();
    expect(ntfBlocks(version).open(Uint8Array.of(1, 0xff, ...new Uint8Array(510)))).toBeNull();
  }
});
