/** read(write(x)) = x, and re-encoding is stable: commands and replies in every version, transmissions, blocks, hellos, pushes. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, lenientTextOf, utf8 } from '@polyplex/base';
import { boxKeyOf } from '@polyplex/crypto';
import { formatAddress, openHandshakeBlock, signedPart } from '@polyplex/protocol-common';
import { byteStrings, deviceTokenArbitrary, entityIds, ntfCommandArbitrary, ntfReplyArbitrary, pushItems, serverAddresses, versionRanges } from '@polyplex/testing';
import {
  deviceOf, encodeCommand, encodeReply, maxTransmissionBytes, messagePushData, ntfBatching, ntfBlocks, ntfClientHello, ntfHandshakeBlock, ntfServerHello, openPushData,
  parsePushItems, type PushItem, pushItemsText, readCommand, readNtfTransmission, readReply, replyTransmission, writeNtfTransmission,
} from '../src/index.ts';
import { hex } from './wire-vectors.ts';

const RUNS = { numRuns: 400 };
const VERSIONS = [1, 2, 3];
const sessionIds = fc.constantFrom(12, 32).chain((length) => byteStrings(length, length));

it('commands', () => {
  fc.assert(fc.property(ntfCommandArbitrary, (command) => {
    const encoded = encodeCommand(command);
    const read = readCommand(encoded);
    if (typeof read === 'string') throw new Error(read);
    expect(read).toEqual(command);
    expect(hex(encodeCommand(read))).toBe(hex(encoded));
  }), RUNS);
});

it.each(VERSIONS)('replies in version %i', (version) => {
  fc.assert(fc.property(ntfReplyArbitrary, (reply) => {
    const read = readReply(encodeReply(reply, version), version);
    const isInvalid = version < 3 && reply.tag === 'TKN' && reply.status.startsWith('INVALID');
    expect(read).toEqual(isInvalid ? { tag: 'TKN', status: 'INVALID' } : reply);
  }), RUNS);
});

it.each(VERSIONS)('transmissions in version %i', (version) => {
  fc.assert(fc.property(sessionIds, entityIds, entityIds, byteStrings(114), ntfCommandArbitrary, (sessionId, corrId, entityId, auth, value) => {
    const command = encodeCommand(value);
    const signed = signedPart(corrId, entityId, command);
    const read = readNtfTransmission(writeNtfTransmission({ auth, sessionId, signed }, version), version);
    expect(read).toEqual({ auth, serviceSignature: null, sessionId: version === 1 ? sessionId : null, corrId, entityId, command, signed });
  }), RUNS);
});

it.each(VERSIONS)('every answer fits a block, whatever the request was called, in version %i', (version) => {
  fc.assert(fc.property(sessionIds, byteStrings(255), byteStrings(255), ntfReplyArbitrary, (sessionId, corrId, entityId, reply) => {
    const bytes = replyTransmission(reply, { sessionId, corrId, entityId }, version);
    expect(bytes.length).toBeLessThanOrEqual(maxTransmissionBytes(version));
    const read = readNtfTransmission(bytes, version)!;
    const answer = readReply(read.command, version)!;
    const isWhole = equalBytes(read.corrId, corrId) && equalBytes(read.entityId, entityId);
    expect(isWhole || (answer.tag === 'ERR' && answer.error.type === 'BLOCK')).toBe(true);
  }), RUNS);
});

describe('blocks', () => {
  it.each(VERSIONS)('version %i: what is split comes back in order, and each fits', (version) => {
    const items = fc.array(byteStrings(maxTransmissionBytes(version), 1), { maxLength: 40 });
    fc.assert(fc.property(items, (transmissions) => {
      const batching = ntfBatching(version);
      const blocks = batching.split(transmissions).map((batch) => ntfBlocks(version).seal(batch));
      for (const block of blocks) expect(block).toHaveLength(512);
      const back = blocks.flatMap((block) => [...batching.read(ntfBlocks(version).open(block)!)!]);
      expect(back.map(hex)).toEqual(transmissions.map(hex));
      if (version === 1) expect(blocks).toHaveLength(transmissions.length);
    }), RUNS);
  });

  it.each([[1, 510], [2, 507], [3, 507]])('version %i: a transmission of %i bytes fits and no more', (version, most) => {
    expect(maxTransmissionBytes(version)).toBe(most);
    expect(ntfBatching(version).split([new Uint8Array(most)])).toHaveLength(1);
    expect(() => ntfBatching(version).split([new Uint8Array(most + 1)])).toThrow('larger than a block');
  });

  it('a batch has at most 493 bytes of items with their lengths', () => {
    const of = (length: number): Uint8Array => new Uint8Array(length);
    expect(ntfBatching(3).split([of(245), of(244)])).toHaveLength(1);
    expect(ntfBatching(3).split([of(245), of(245)])).toHaveLength(2);
    expect(ntfBatching(3).split([of(492), of(1)])).toHaveLength(2);
    expect(ntfBatching(3).split([])).toEqual([]);
  });
});

describe('hellos', () => {
  it('of servers, with bytes after them', () => {
    fc.assert(fc.property(versionRanges, sessionIds, byteStrings(180, 1), (versions, sessionId, signedKey) => {
      const hello = { versions, sessionId, signedKey: versions.max >= 2 ? signedKey : null };
      expect(openHandshakeBlock(ntfServerHello, ntfHandshakeBlock(ntfServerHello, hello))).toEqual(hello);
    }), RUNS);
  });

  it('of clients', () => {
    fc.assert(fc.property(fc.nat(0xffff), byteStrings(255), (version, keyHash) => {
      expect(openHandshakeBlock(ntfClientHello, ntfHandshakeBlock(ntfClientHello, { version, keyHash }))).toEqual({ version, keyHash });
    }), RUNS);
  });
});

describe('pushes', () => {
  const relays = serverAddresses.map((address) => formatAddress(address, 'smp'));
  const items = fc.array(pushItems(relays), { minLength: 1, maxLength: 6 });
  const KEY = boxKeyOf(new Uint8Array(32).fill(7));

  it('items', () => {
    fc.assert(fc.property(items, (given) => {
      expect(parsePushItems(pushItemsText(given, 10_000))).toEqual(given);
    }), RUNS);
  });

  it('the newest items that fit, and never none', () => {
    fc.assert(fc.property(items, fc.integer({ min: 700, max: 3072 }), byteStrings(24, 24), (given, paddedBytes, nonce) => {
      const opened = openPushData(KEY, messagePushData(given, { key: KEY, nonce, paddedBytes }));
      const kept = opened?.kind === 'message' ? opened.items : [];
      expect(kept.length).toBeGreaterThan(0);
      expect(kept).toEqual(given.slice(-kept.length));
      const oneMore = given.slice(-kept.length - 1);
      const isAll = oneMore.length === kept.length;
      expect(isAll || textBytes(oneMore) > paddedBytes - 2).toBe(true);
    }), RUNS);
  });

  it('an item that does not fit alone is an error, not an empty push', () => {
    const item: PushItem = { relay: `smp://${'A'.repeat(700)}`, notifierId: new Uint8Array(24), nonce: new Uint8Array(24), meta: new Uint8Array(144), receivedAt: 0 };
    expect(() => messagePushData([item, item], { key: KEY, nonce: new Uint8Array(24), paddedBytes: 700 })).toThrow('larger than the padded size');
  });

  function textBytes(given: readonly PushItem[]): number {
    return utf8(pushItemsText(given, 1_000_000)).length;
  }
});

it('a device is known by one text, without padding, escapes or blanks inside its parts', () => {
  fc.assert(fc.property(deviceTokenArbitrary, (token) => {
    const device = deviceOf(token);
    if (token.provider === 'webpush') {
      expect(device.provider).toMatch(/^webpush https:\/\/[^/@ #]+$/);
      expect(new URL(device.provider.slice(8)).origin.toLowerCase()).toBe(new URL(device.provider.slice(8)).origin);
      expect(lenientTextOf(device.token).split(' ')).toHaveLength(3);
    } else {
      expect(device).toEqual({ provider: token.provider, token: token.token });
    }
    expect(device.provider.length).toBeLessThanOrEqual(300);
    expect(device.token.length).toBeLessThanOrEqual(1024);
  }), RUNS);
});

it('of Web Push, the default port and the case of the host make no other device', () => {
  fc.assert(fc.property(deviceTokenArbitrary, (token) => {
    if (token.provider !== 'webpush' || token.port !== '') return;
    expect(deviceOf({ ...token, port: '443', host: token.host.toUpperCase() })).toEqual(deviceOf(token));
    expect(deviceOf({ ...token, port: '444' }).provider).toBe(`${deviceOf(token).provider}:444`);
  }), RUNS);
});
