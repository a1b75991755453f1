/** Forwarded commands as the reference makes them, layer by layer (SMP §7.2). */
import { describe, expect, it } from 'vitest';
import { agree, boxKeyOf, decodeSignedKey, fingerprintOf, leafPublicKey, verify } from '@polyplex/crypto';
import { authenticatorKey, authorize, authorizedBytes, encodeBatch, readBatch, readTransmission, signedPart, writeTransmission } from '@polyplex/protocol-common';
import {
  encodeCommand, encodeReply, openForwarded, openForwardedResponse, openInner, openInnerResponse, readCommand, readReply, sealForwarded, sealForwardedResponse,
  sealInner, sealInnerResponse,
} from '../src/index.ts';
import { dhPrivateKey, difference, hex, privateKey, publicKey, unhex, wire } from './wire-vectors.ts';

describe.each(wire.proxy.map((vector) => [vector.version, vector] as const))('relay version %i', (version, vector) => {
  const n = unhex(vector.corrIdClient);
  const m = unhex(vector.corrIdProxy);
  const sessionId = unhex(vector.proxyRelaySessionId);
  const commandKey = boxKeyOf(agree(dhPrivateKey(vector.clientCommandKey), publicKey(vector.relaySessionKey.publicSpkiDer))!);
  const proxyKey = boxKeyOf(agree(dhPrivateKey(vector.proxySessionKey), publicKey(vector.relaySessionKey.publicSpkiDer))!);
  const inner = readBatch(unhex(vector.innerBatch))![0]!;
  const response = readBatch(unhex(vector.responseBatch))![0]!;

  it('PKEY says who the relay is', () => {
    const reply = readReply(unhex(vector.pkeyResponse), 18);
    if (reply?.tag !== 'PKEY') throw new Error('not PKEY');
    expect(reply).toMatchObject({ sessionId });
    expect(reply.key.chain.map(hex)).toEqual(vector.relayChainDer);
    const signed = decodeSignedKey(reply.key.signedKey)!;
    expect(signed.key).toEqual(publicKey(vector.relaySessionKey.publicSpkiDer));
    expect(verify(leafPublicKey(reply.key.chain)!, signed.signed, signed.signature)).toBe(true);
    expect(fingerprintOf(reply.key.chain)).toHaveLength(32);
    expect(hex(encodeReply(reply, 18))).toBe(vector.pkeyResponse);
  });

  it('the inner transmission is authorised for the session of proxy and relay', () => {
    const parsed = readTransmission(inner, version)!;
    expect(hex(authorizedBytes(sessionId, parsed.signed))).toBe(vector.innerAuthorized);
    const boxKey = authenticatorKey(privateKey<'x25519'>(vector.senderAuthKey), publicKey<'x25519'>(vector.relaySessionKey.publicSpkiDer))!;
    const auth = authorize(boxKey, n, unhex(vector.innerAuthorized));
    const signed = signedPart(n, unhex(vector.senderId), parsed.command);
    expect(hex(encodeBatch([writeTransmission({ auth, sessionId, signed }, version)]))).toBe(vector.innerBatch);
    expect(readCommand(parsed.command, version)).toMatchObject({ tag: 'SEND' });
  });

  it('PFWD', () => {
    const encTransmission = unhex(vector.encTransmission);
    expect(encTransmission).toHaveLength(16_242);
    expect(difference(sealInner(commandKey, n, inner), encTransmission)).toBeNull();
    const command = { tag: 'PFWD', version, key: publicKey<'x25519'>(vector.clientCommandKey.publicSpkiDer), encTransmission } as const;
    expect(difference(encodeCommand(command, 18), unhex(vector.pfwdCommand))).toBeNull();
    expect(openInner(commandKey, n, encTransmission)).toEqual({ transmission: inner });
  });

  it('RFWD', () => {
    const key = publicKey<'x25519'>(vector.clientCommandKey.publicSpkiDer);
    const forwarded = { corrId: n, version, key, encTransmission: unhex(vector.encTransmission) };
    expect(difference(sealForwarded(proxyKey, m, forwarded), unhex(vector.encFwdTransmission))).toBeNull();
    expect(openForwarded(proxyKey, m, unhex(vector.encFwdTransmission))).toEqual(forwarded);
    expect(unhex(vector.encFwdTransmission)).toHaveLength(vector.fwdTransmissionLength + 16);
  });

  it('RRES and PRES', () => {
    const sealed = sealInnerResponse(commandKey, n, response)!;
    expect(difference(sealed, unhex(vector.encResponse))).toBeNull();
    expect(difference(sealForwardedResponse(proxyKey, m, n, sealed), unhex(vector.encFwdResponse))).toBeNull();
    expect(openForwardedResponse(proxyKey, m, unhex(vector.encFwdResponse))).toEqual({ corrId: n, encResponse: sealed });
    expect(openInnerResponse(commandKey, n, sealed)).toEqual({ transmission: response });
  });

  it('refuses what was damaged or is not one transmission', () => {
    const damaged = unhex(vector.encFwdTransmission);
    damaged[100]! ^= 1;
    expect(openForwarded(proxyKey, m, damaged)).toBe('CRYPTO');
    expect(openForwarded(proxyKey, m, damaged.subarray(0, 10))).toBe('CRYPTO');
    expect(openInner(commandKey, m, unhex(vector.encTransmission))).toEqual({ error: 'CRYPTO' });
    expect(openForwardedResponse(proxyKey, m, unhex(vector.encResponse))).toBeNull();
    expect(sealInnerResponse(commandKey, n, new Uint8Array(16_222))).toBeNull();
    expect(sealInnerResponse(commandKey, n, new Uint8Array(16_221))).toHaveLength(16_242);
  });
});
