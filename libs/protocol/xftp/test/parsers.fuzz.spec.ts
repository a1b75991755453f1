/**
 * Hundreds of thousands of damaged inputs for everything that reads what a peer or a stranger sends: each answers with its
 * documented null or error and nothing else; what was read can be written again. Repeat a finding with its seed (FUZZ_SEED);
 * the long tests take FUZZ_FACTOR times as many, by a new seed each time.
 */
import { deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode, toBase64Url } from '@polyplex/base';
import { pad, encode } from '@polyplex/codec';
import { openHandshakeBlock } from '@polyplex/protocol-common';
import { certChainPubKeys, createMutator, fileDescriptions, xftpCommandArbitrary, xftpReplyArbitrary } from '@polyplex/testing';
import {
  bareErrorBlock, clientHandshake, clientHello, createFileDecryptor, createFileEncryptor, encodeCommand, encodeReply, encodeRequestBlock, fileLink,
  formatDescription, formatFileSize, openRedirect, parseDescription, parseFileLink, parseFileSize, parseWebLink, readBareError, readBlock, readCommand,
  readReply, serverHello, transmissionError, webLink, xftpErrorText,
} from '../src/index.ts';

const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 1);
const SEED = Number(process.env['FUZZ_SEED'] ?? (FACTOR > 1 ? Date.now() % 1_000_000_000 : 20_261_125));
const SAMPLES = 200;

const sampled = <T>(arbitrary: fc.Arbitrary<T>, count = SAMPLES): T[] => fc.sample(arbitrary, { numRuns: count, seed: SEED });
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Feeds damaged samples and adds up how many were still well-formed, which must be some: else the damage is too great to test much. */
function storm(count: number, samples: readonly Uint8Array[], wellFormed: (input: Uint8Array) => boolean): number {
  const mutator = createMutator(SEED);
  let accepted = 0;
  for (let i = 0; i < count * FACTOR; i++) {
    const input = mutator.mutate(samples);
    let good: boolean;
    try {
      good = wellFormed(input);
    } catch (error) {
      throw new Error(`input ${i} of seed ${SEED}: ${Buffer.from(input).toString('hex').slice(0, 400)}`, { cause: error });
    }
    if (good) accepted++;
  }
  return accepted;
}

/** What a reader of texts of strangers answers; null also for its one documented error. */
function readOrRefused<T>(code: string, read: () => T | null): T | null {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, code)) return null;
    throw error;
  }
}

describe('what peers send', () => {
  const commands = sampled(xftpCommandArbitrary).map(encodeCommand);
  const replies = sampled(xftpReplyArbitrary).map((reply) => encodeReply(reply, 3));

  it('commands', () => {
    const accepted = storm(100_000, commands, (input) => {
      const command = readCommand(input);
      if (typeof command === 'string') {
        expect(command === 'UNKNOWN' || command === 'SYNTAX').toBe(true);
        return false;
      }
      encodeCommand(command);
      return true;
    });
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('replies', () => {
    const accepted = storm(100_000, replies, (input) => {
      const reply = readReply(input);
      if (reply === null) return false;
      encodeReply(reply, 3);
      if (reply.tag === 'ERR') xftpErrorText(reply.error);
      return true;
    });
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('blocks', () => {
    const sessionId = new Uint8Array(48).fill(3);
    const blocks = commands.slice(0, 50).map((command, i) => {
      const auth = new Uint8Array([0, 64, 80, 114][i % 4]!);
      return encodeRequestBlock({ auth, sessionId, corrId: new Uint8Array(i), entityId: new Uint8Array(16), command }).subarray(0, 600);
    });
    const full = new Uint8Array(16_384).fill(0x23);
    const accepted = storm(50_000, blocks, (input) => {
      full.fill(0x23, 0, 1000);
      full.set(input.subarray(0, 1000));
      const read = readBlock(full);
      readBlock(input);
      if (read === null) return false;
      transmissionError(read, sessionId);
      readCommand(read.command);
      return true;
    });
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('handshakes and bare errors', () => {
    const blocks = sampled(certChainPubKeys, 50).flatMap((key, i) => [
      encode(serverHello, { versions: { min: 1, max: 3 }, sessionId: new Uint8Array(32), key, proof: new Uint8Array(i) }),
      encode(clientHello, { challenge: i % 2 === 0 ? null : new Uint8Array(32) }),
      encode(clientHandshake, { version: i, keyHash: new Uint8Array(32) }),
    ]).map((content) => pad(content, content.length + 40));
    const accepted = storm(50_000, [...blocks, bareErrorBlock('SESSION').subarray(0, 60)], (input) => {
      const server = openHandshakeBlock(serverHello, input);
      if (server !== null) encode(serverHello, server);
      const read = [server, openHandshakeBlock(clientHello, input), openHandshakeBlock(clientHandshake, input), readBareError(input)];
      return read.some((value) => value !== null);
    });
    expect(accepted).toBeGreaterThan(1_000);
  });
});

describe('what strangers send', () => {
  const descriptions = sampled(fileDescriptions, 30).map((description) => parseDescription(formatDescription({ ...description, party: 'recipient' })));
  const yaml = descriptions.map(formatDescription);

  it('descriptions', () => {
    const accepted = storm(2_000, yaml.map(bytesOf), (input) => {
      const read = readOrRefused('BAD_DESCRIPTION', () => parseDescription(textOf(input)));
      if (read === null) return false;
      expect(parseDescription(formatDescription(read))).toMatchObject({ size: read.size });
      readOrRefused('BAD_DESCRIPTION', () => openRedirect(read, input));
      return true;
    });
    expect(accepted).toBeGreaterThan(50);
  });

  it('links', () => {
    const links = descriptions.map((description, i) => bytesOf(i % 2 === 0 ? fileLink(description, '{}') : webLink('https://host/', description)));
    const accepted = storm(3_000, links, (input) => {
      const text = textOf(input);
      const file = readOrRefused('BAD_DESCRIPTION', () => parseFileLink(text));
      const web = readOrRefused('BAD_DESCRIPTION', () => parseWebLink(text));
      return file !== null || web !== null;
    });
    expect(accepted).toBeGreaterThan(50);
  });

  it('compressed descriptions', () => {
    const compressed = yaml.map((text) => new Uint8Array(deflateRawSync(text)));
    const damagedInside = yaml.map(bytesOf);
    storm(3_000, compressed, (input) => readOrRefused('BAD_DESCRIPTION', () => parseWebLink(`#${toBase64Url(input)}`)) !== null);
    const accepted = storm(1_000, damagedInside, (input) => {
      const fragment = toBase64Url(new Uint8Array(deflateRawSync(input)));
      return readOrRefused('BAD_DESCRIPTION', () => parseWebLink(fragment)) !== null;
    });
    expect(accepted).toBeGreaterThan(10);
  });

  it('sizes', () => {
    const sizes = ['0gb', '1', '64kb', '4mb', '5gb', '9007199254740991'].map(bytesOf);
    const accepted = storm(20_000, sizes, (input) => {
      const size = parseFileSize(textOf(input));
      if (size !== null) expect(parseFileSize(formatFileSize(size))).toBe(size);
      return size !== null;
    });
    expect(accepted).toBeGreaterThan(1_000);
  });

  it('files: nothing damaged is whole', () => {
    const options = { name: 'name', contentSize: 1500, key: new Uint8Array(32), nonce: new Uint8Array(24) };
    const encryptor = createFileEncryptor({ ...options, chunkSizes: [1600] });
    const file = Buffer.concat([encryptor.head(), encryptor.update(new Uint8Array(1500)), ...encryptor.finish()]);
    const accepted = storm(20_000, [new Uint8Array(file)], (input) => {
      const read = readOrRefused('BAD_FILE', () => {
        const decryptor = createFileDecryptor({ key: options.key, nonce: options.nonce, size: 1600 });
        decryptor.update(input.slice(0, 700));
        decryptor.update(input.slice(700));
        return decryptor.finish();
      });
      return read === true && !file.equals(input);
    });
    expect(accepted).toBe(0);
  });
});
