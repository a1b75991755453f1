/** read(write(x)) = x, and re-encoding is stable, for every command and reply in every version. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeTransmission, readTransmission, signedPart } from '@polyplex/protocol-common';
import { byteStrings, entityIds, smpCommandArbitrary, smpReplyArbitrary } from '@polyplex/testing';
import { encodeCommand, encodeReply, readCommand, readReply, replyForVersion, replyTransmission, SMP_VERSIONS } from '../src/index.ts';
import { hex } from './wire-vectors.ts';

const versions = Object.keys(SMP_VERSIONS).map(Number);
/** From here on nothing is left out of NEW and IDS. */
const COMPLETE_VERSION = 17;
const RUNS = { numRuns: 400 };

describe.each(versions)('version %i', (version) => {
  it('commands', () => {
    fc.assert(
      fc.property(smpCommandArbitrary, (command) => {
        const encoded = encodeCommand(command, version);
        const read = readCommand(encoded, version);
        if (typeof read === 'string') throw new Error(read);
        expect(hex(encodeCommand(read, version))).toBe(hex(encoded));
        expect(readCommand(encodeCommand(read, version), version)).toEqual(read);
        if (version >= COMPLETE_VERSION) expect(read).toEqual(command);
      }),
      RUNS,
    );
  });

  it('replies', () => {
    fc.assert(
      fc.property(smpReplyArbitrary, (reply) => {
        const encoded = encodeReply(reply, version);
        const read = readReply(encoded, version);
        if (read === null) throw new Error('not readable');
        expect(hex(encodeReply(read, version))).toBe(hex(encoded));
        if (version >= COMPLETE_VERSION) expect(read).toEqual(replyForVersion(reply, version));
      }),
      RUNS,
    );
  });

  it('transmissions', () => {
    const signatures = fc.option(byteStrings(64, 64), { nil: null });
    fc.assert(
      fc.property(byteStrings(255), signatures, entityIds, entityIds, byteStrings(300), (auth, serviceSignature, corrId, entityId, command) => {
        const sessionId = new Uint8Array(32).fill(7);
        const signed = signedPart(corrId, entityId, command);
        const read = readTransmission(writeTransmission({ auth, serviceSignature, sessionId, signed }, version), version);
        const hasServiceSignature = version >= 16 && auth.length > 0;
        expect(read).toEqual({
          auth, corrId, entityId, command, signed,
          sessionId: version < 7 ? sessionId : null,
          serviceSignature: hasServiceSignature ? serviceSignature : null,
        });
      }),
      RUNS,
    );
  });

  it('a reply in one pass is the reply in a transmission', () => {
    fc.assert(
      fc.property(smpReplyArbitrary, entityIds, entityIds, (reply, corrId, entityId) => {
        const sessionId = new Uint8Array(32).fill(7);
        const signed = signedPart(corrId, entityId, encodeReply(reply, version));
        expect(hex(replyTransmission(reply, { sessionId, corrId, entityId }, version))).toBe(hex(writeTransmission({ sessionId, signed }, version)));
      }),
      { numRuns: 100 },
    );
  });
});
