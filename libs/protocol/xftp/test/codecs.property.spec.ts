/** read(write(x)) = x, and re-encoding is stable: commands and replies in every version, blocks, hellos, descriptions, links. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handshakeBlock, openHandshakeBlock } from '@polyplex/protocol-common';
import { byteStrings, certChainPubKeys, entityIds, fileDescriptions, versionRanges, xftpCommandArbitrary, xftpReplyArbitrary } from '@polyplex/testing';
import {
  clientHandshake, clientHello, encodeCommand, encodeReply, encodeReplyBlock, encodeRequestBlock, fileLink, formatDescription, formatFileSize, openRedirect,
  parseDescription, parseFileLink, parseFileSize, parseWebLink, readBareError, readBlock, readCommand, readReply, redirectFile, replyForVersion, serverHello,
  signedPart, splitPayload, webLink, XFTP_VERSIONS,
} from '../src/index.ts';
import { hex } from './wire-vectors.ts';

const RUNS = { numRuns: 400 };
const sessionIds = fc.constantFrom(12, 32, 48).chain((length) => byteStrings(length, length));
const auths = fc.constantFrom(0, 64, 80, 114).chain((length) => byteStrings(length, length));

it('commands', () => {
  fc.assert(fc.property(xftpCommandArbitrary, (command) => {
    const encoded = encodeCommand(command);
    const read = readCommand(encoded);
    if (typeof read === 'string') throw new Error(read);
    expect(read).toEqual(command);
    expect(hex(encodeCommand(read))).toBe(hex(encoded));
  }), RUNS);
});

const versions = Array.from({ length: XFTP_VERSIONS.max }, (_, i) => XFTP_VERSIONS.min + i);
it.each(versions)('replies in version %i', (version) => {
  fc.assert(fc.property(xftpReplyArbitrary, (reply) => {
    const encoded = encodeReply(reply, version);
    const read = readReply(encoded);
    if (read === null) throw new Error('not readable');
    expect(read).toEqual(replyForVersion(reply, version));
    expect(hex(encodeReply(read, version))).toBe(hex(encoded));
  }), RUNS);
});

describe('blocks', () => {
  it('of requests', () => {
    fc.assert(fc.property(sessionIds, entityIds, entityIds, auths, xftpCommandArbitrary, (sessionId, corrId, entityId, auth, value) => {
      const request = { sessionId, corrId, entityId, command: encodeCommand(value) };
      const block = encodeRequestBlock({ ...request, auth });
      expect(block).toHaveLength(16_384);
      expect(readBlock(block)).toEqual({ ...request, auth, signed: signedPart(request) });
      expect(readBareError(block)).toBeNull();
    }), RUNS);
  });

  it('of replies', () => {
    fc.assert(fc.property(sessionIds, entityIds, entityIds, xftpReplyArbitrary, (sessionId, corrId, entityId, reply) => {
      const read = readBlock(encodeReplyBlock({ sessionId, corrId, entityId, reply }, 3));
      expect(read).toMatchObject({ auth: new Uint8Array(0), sessionId, corrId, entityId });
      expect(readReply(read!.command)).toEqual(reply);
    }), RUNS);
  });

  it('hold 16378 bytes and no more', () => {
    const request = { auth: new Uint8Array(0), sessionId: new Uint8Array(0), corrId: new Uint8Array(0), entityId: new Uint8Array(0) };
    const longest = new Uint8Array(16_384 - 5 - 4).fill(1);
    expect(readBlock(encodeRequestBlock({ ...request, command: longest }))!.command).toEqual(longest);
    for (const command of [new Uint8Array(longest.length + 1), new Uint8Array(70_000)]) {
      expect(() => encodeRequestBlock({ ...request, command })).toThrow(expect.objectContaining({ code: 'ENCODE' }) as Error);
    }
  });
});

it('hellos', () => {
  const proofs = fc.constantFrom(0, 64, 114).chain((length) => byteStrings(length, length));
  fc.assert(fc.property(versionRanges, sessionIds, certChainPubKeys, proofs, (range, sessionId, key, proof) => {
    const hello = { versions: range, sessionId, key, proof };
    expect(openHandshakeBlock(serverHello, handshakeBlock(serverHello, hello))).toEqual(hello);
  }));
  fc.assert(fc.property(fc.option(byteStrings(32, 32), { nil: null }), byteStrings(32, 32), fc.nat(0xffff), (challenge, keyHash, version) => {
    expect(openHandshakeBlock(clientHello, handshakeBlock(clientHello, { challenge }))).toEqual({ challenge });
    expect(openHandshakeBlock(clientHandshake, handshakeBlock(clientHandshake, { version, keyHash }))).toEqual({ version, keyHash });
  }));
});

describe('descriptions', () => {
  /** Which replica of a chunk comes first is said by the text. */
  const normal = (text: string): string => formatDescription(parseDescription(text));

  it('as text', () => {
    fc.assert(fc.property(fileDescriptions, (description) => {
      const read = parseDescription(formatDescription(description));
      const again = formatDescription(read);
      expect(parseDescription(again)).toEqual(read);
      expect(normal(again)).toBe(again);
      const sets = ({ chunks }: typeof read): unknown => chunks.map((chunk) => ({ ...chunk, replicas: new Set(chunk.replicas) }));
      expect({ ...read, chunks: sets(read) }).toEqual({ ...description, chunks: sets(description) });
    }), RUNS);
  });

  it('in links and redirects', () => {
    const recipients = fileDescriptions.map((description) => parseDescription(formatDescription({ ...description, party: 'recipient', redirect: null })));
    fc.assert(fc.property(recipients, fc.option(fc.string(), { nil: null }), (description, data) => {
      expect(parseFileLink(fileLink(description, data))).toEqual({ description, data });
      expect(parseWebLink(webLink('https://host', description))).toEqual(description);
      const file = redirectFile(description);
      expect(openRedirect({ ...description, redirect: file.redirect }, file.content)).toEqual(description);
    }), { numRuns: 200 });
  });

  it('sizes', () => {
    const sizes = fc.tuple(fc.nat(0xfffff), fc.constantFrom(1, 2 ** 10, 2 ** 20, 2 ** 30)).map(([n, unit]) => n * unit);
    fc.assert(fc.property(sizes, (bytes) => parseFileSize(formatFileSize(bytes)) === bytes), RUNS);
  });
});

it('chunks hold their payload, with less than a quarter of it too much', () => {
  fc.assert(fc.property(fc.oneof(fc.nat(20_000_000), fc.nat(5 * 2 ** 30)), (payload) => {
    const sizes = splitPayload(payload);
    const sum = sizes.reduce((total, size) => total + size, 0);
    expect(sum).toBeGreaterThanOrEqual(payload);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    if (payload > 196_608) expect((sum - payload) / payload).toBeLessThan(1 / 3);
  }), { numRuns: 1000 });
});
