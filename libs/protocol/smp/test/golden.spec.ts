/** Every command, response and error as the reference encodes them, in every version (SMP §5, §12.1). */
import { describe, expect, it } from 'vitest';
import { boxKeyOf } from '@polyplex/crypto';
import { encode, tryDecode } from '@polyplex/codec';
import {
  encodeCommand, encodeReply, openDelivery, openNotification, readCommand, readReply, sealDelivery, sealNotification, smpError, smpErrorText,
} from '../src/index.ts';
import { commandOf, errorOf, replyOf } from './golden-values.ts';
import { difference, hex, unhex, wire } from './wire-vectors.ts';

const entries = (byVersion: Readonly<Record<string, string>>): [number, string][] => Object.entries(byVersion).map(([v, e]) => [Number(v), e]);

describe('commands', () => {
  it.each(wire.commands.map((vector, i) => [`${vector.command} #${i}`, vector] as const))('%s', (_, vector) => {
    const command = commandOf(vector);
    for (const [version, encoded] of entries(vector.byVersion)) {
      expect(hex(encodeCommand(command, version)), `encode v${version}`).toBe(encoded);
      const read = readCommand(unhex(encoded), version);
      if (typeof read === 'string') throw new Error(`v${version}: ${read}`);
      expect(hex(encodeCommand(read, version)), `decode v${version}`).toBe(encoded);
      if (version >= Math.max(vector.minVersion, 17)) expect(read).toEqual(command);
    }
  });
});

describe('responses', () => {
  it.each(wire.responses.map((vector, i) => [`${vector.response} #${i}`, vector] as const))('%s', (_, vector) => {
    const reply = replyOf(vector);
    for (const [version, encoded] of entries(vector.byVersion)) {
      if (reply !== null) expect(hex(encodeReply(reply, version)), `encode v${version}`).toBe(encoded);
      const read = readReply(unhex(encoded), version);
      if (read === null) throw new Error(`v${version}: not readable`);
      expect(hex(encodeReply(read, version)), `decode v${version}`).toBe(encoded);
      if (reply !== null && version >= Math.max(vector.minVersion, 17)) expect(read).toEqual(reply);
    }
  });

  it('INFO carries the JSON as it is', () => {
    const vectors = wire.responses.filter(({ response }) => response === 'INFO');
    expect(vectors).toHaveLength(2);
    for (const { byVersion, fields } of vectors) {
      const read = readReply(unhex(byVersion['18']!), 18);
      if (read?.tag !== 'INFO') throw new Error('not INFO');
      expect(JSON.parse(Buffer.from(read.json).toString())).toEqual(fields['json']);
    }
  });
});

describe('errors', () => {
  it.each(wire.errors.map((vector) => [vector.strEncode, vector] as const))('%s', (_, vector) => {
    const error = errorOf(vector.json);
    expect(hex(encode(smpError, error))).toBe(vector.smpEncode);
    expect(tryDecode(smpError, unhex(vector.smpEncode))).toEqual(error);
    for (const [version, encoded] of entries(vector.byVersion)) {
      expect(hex(encodeReply({ tag: 'ERR', error }, version)), `encode v${version}`).toBe(encoded);
      const read = readReply(unhex(encoded), version);
      if (read === null) throw new Error(`v${version}: not readable`);
      expect(hex(encodeReply(read, version)), `decode v${version}`).toBe(encoded);
    }
  });

  it('has a text for people', () => {
    expect(smpErrorText({ type: 'PROXY', error: { type: 'BROKER', error: { type: 'TRANSPORT', error: 'VERSION' } } })).toBe('PROXY BROKER TRANSPORT VERSION');
  });
});

describe('message delivery', () => {
  const key = boxKeyOf(unhex(wire.messageDelivery.dhSecret));

  it.each(wire.messageDelivery.samples.map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
    const msgId = unhex(sample.msgId);
    const opened = openDelivery(key, msgId, unhex(sample.encBody));
    if (opened === null) throw new Error('does not open');
    expect(difference(sealDelivery(key, msgId, opened), unhex(sample.encBody))).toBeNull();
    expect(opened.ts).toBe(1_700_000_001);
    expect(opened.kind).toBe(unhex(sample.plaintextUnpadded)[0] === 0 ? 'message' : 'quota');
    if (opened.kind === 'message') expect(sample.plaintextUnpadded.endsWith(hex(opened.body))).toBe(true);
  });

  it('notification metadata', () => {
    const { nonce, encMeta, plaintext } = wire.messageDelivery.notificationMeta;
    const meta = openNotification(key, unhex(nonce), unhex(encMeta));
    if (meta === null) throw new Error('does not open');
    expect(plaintext).toBe(`18${hex(meta.msgId)}${BigInt(meta.ts).toString(16).padStart(16, '0')}`);
    expect(hex(sealNotification(key, unhex(nonce), meta))).toBe(encMeta);
  });
});
