/** Signatures of members and what channels are made of (directory §1.3, §3.8): exact bytes, round trips, and what does not verify. */
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { concatBytes, utf8 } from '@polyplex/base';
import { encodePublicKey, generateKeyPair, type PrivateKey, publicKeyOf, sha256, sign, verify } from '@polyplex/crypto';
import {
  binaryBatch, channelBinding, contactBinding, encodeRelayLinkData, formatMemberKey, forwardedElement, idOfBytes, isSignedBy, memberBinding, mustBeSigned, parseBody, parseConnInfo,
  parseMemberKey, parseRelayLinkData, publicGroupOf, signedElement, signMessage,
} from '../src/index.ts';
import { ids, profiles } from './arbitraries.ts';
import { bytes, large, OK, short } from './bytes.ts';

const KEY: PrivateKey<'ed25519'> = { kind: 'ed25519', raw: new Uint8Array(32).fill(0xaa) };
const OWN = publicKeyOf(KEY);
const [GROUP, MEMBER] = ['Z3JvdXA', 'bWVtYmVy'];

function signedOf(element: Uint8Array) {
  const part = parseConnInfo(element);
  if (part.kind !== 'message' || part.signed === null) throw new Error('not signed');
  return part.signed;
}

describe('bindings', () => {
  it('are of a channel and a member', () => {
    expect(channelBinding(GROUP, MEMBER)).toEqual(bytes('G', short('group'), short('member')));
  });

  it('are of a member and its key, where the group has no identity', () => {
    expect(memberBinding(MEMBER, OWN)).toEqual(bytes('G', short('member'), short(encodePublicKey(OWN))));
  });

  it('are of a connection', () => {
    expect(contactBinding(sha256(utf8('x')))).toEqual(bytes('D', sha256(utf8('x'))));
  });

  it('need ids', () => {
    expect(() => channelBinding('A', MEMBER)).toThrow(RangeError);
  });
});

describe('signatures', () => {
  it('stand before the JSON as it was signed', () => {
    const binding = channelBinding(GROUP, MEMBER);
    const signature = sign(KEY, concatBytes(binding, utf8(OK)));
    const element = signMessage(OK, binding, KEY);
    expect(element).toEqual(bytes('/G', [1], 'M', [0x40], signature, OK));
    expect(isSignedBy(signedOf(element), binding, OWN)).toBe(true);
    expect(signedElement(signedOf(element))).toEqual(element);
  });

  it('verify for no other key, channel, member or text', () => {
    const binding = channelBinding(GROUP, MEMBER);
    const signed = signedOf(signMessage(OK, binding, KEY));
    expect(isSignedBy(signed, binding, generateKeyPair('ed25519').publicKey)).toBe(false);
    expect(isSignedBy(signed, channelBinding('b3RoZXI', MEMBER), OWN)).toBe(false);
    expect(isSignedBy(signed, channelBinding(GROUP, 'b3RoZXI'), OWN)).toBe(false);
    expect(isSignedBy(signed, memberBinding(MEMBER, OWN), OWN)).toBe(false);
    expect(isSignedBy({ ...signed, message: utf8(OK.replace('}}', ' }}')) }, binding, OWN)).toBe(false);
  });

  it('must all be right', () => {
    const binding = channelBinding(GROUP, MEMBER);
    const signed = signedOf(signMessage(OK, binding, KEY));
    const [good] = signed.signatures;
    expect(isSignedBy({ ...signed, signatures: [good!, good!] }, binding, OWN)).toBe(true);
    expect(isSignedBy({ ...signed, signatures: [good!, new Uint8Array(64)] }, binding, OWN)).toBe(false);
    expect(isSignedBy({ ...signed, signatures: [good!.subarray(1)] }, binding, OWN)).toBe(false);
  });

  test('there is one at least', () => {
    expect(parseBody(bytes('/G', [0], OK))).toEqual([expect.objectContaining({ kind: 'fault' })]);
  });

  test('what must have one', () => {
    const events = ['x.grp.info', 'x.grp.prefs', 'x.grp.del', 'x.grp.mem.del', 'x.grp.mem.role', 'x.grp.mem.restrict', 'x.grp.relay.new', 'x.grp.leave', 'x.info'] as const;
    expect(events.filter((event) => !mustBeSigned(event))).toEqual([]);
    expect((['x.msg.new', 'x.msg.update', 'x.msg.del', 'x.msg.react', 'x.grp.mem.new', 'x.grp.mem.intro', 'x.ok'] as const).filter(mustBeSigned)).toEqual([]);
  });

  test('any text, any binding, and one bit turned', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 2 }), ids, ids, fc.nat(), (value, group, member, at) => {
      const binding = channelBinding(group, member);
      const element = signMessage(JSON.stringify({ event: 'x.new', params: { value } }), binding, KEY);
      expect(isSignedBy(signedOf(element), binding, OWN)).toBe(true);
      const damaged = Uint8Array.from(element);
      damaged[at % element.length]! ^= 1;
      const part = parseConnInfo(damaged);
      expect(part.kind === 'message' && part.signed !== null && isSignedBy(part.signed, binding, OWN)).toBe(false);
    }), { numRuns: 100 });
  });
});

describe('elements', () => {
  it('are passed on as they are, for a member or the channel', () => {
    const element = signMessage(OK, channelBinding(GROUP, MEMBER), KEY);
    const member = { memberId: MEMBER, memberName: 'ann', msgTs: '2026-03-01T10:20:30.000Z' };
    const channel = { memberId: null, memberName: null, msgTs: '2026-03-01T10:20:31.000Z' };
    const body = binaryBatch([utf8(OK), element, forwardedElement(member, element), forwardedElement(channel, utf8(OK))]);
    const passedOn = bytes('>M', short('member'), short('ann'), [0, 0, 0, 0, 0x69, 0xa4, 0x12, 0xee], element);
    expect(forwardedElement(member, element)).toEqual(passedOn);
    expect(body).toEqual(bytes('=', [4], large(OK), large(element), large(passedOn), large(forwardedElement(channel, utf8(OK)))));
    const parts = parseBody(body);
    expect(parts.map(({ kind }) => kind)).toEqual(['message', 'message', 'forwarded', 'forwarded']);
    expect(parts[2]).toMatchObject({ from: member, signed: signedOf(element) });
    expect(parts[3]).toMatchObject({ from: channel, signed: null });
  });
});

describe('keys', () => {
  it('are DER as text', () => {
    expect(Buffer.from(formatMemberKey(OWN), 'base64url')).toEqual(Buffer.from(encodePublicKey(OWN)));
    expect(parseMemberKey(formatMemberKey(OWN))).toEqual(OWN);
  });

  it.each(['', 'x', formatMemberKey(OWN).slice(1), `${formatMemberKey(OWN)}A`, Buffer.from(encodePublicKey(generateKeyPair('x25519').publicKey)).toString('base64url')])('are Ed25519, and not %s', (text) => {
    expect(parseMemberKey(text)).toBeNull();
  });
});

describe('what links tell', () => {
  test('of relays', () => {
    fc.assert(fc.property(profiles, (profile) => {
      expect(parseRelayLinkData(encodeRelayLinkData(profile))).toEqual(profile);
    }), { numRuns: 50 });
    for (const other of ['', '{}', '[]', '{"relayProfile":{}}', '{"profile":{"displayName":"","fullName":""}}']) expect(parseRelayLinkData(utf8(other))).toBeNull();
  });

  test('of public groups', () => {
    const profile = { displayName: '', fullName: '' };
    expect(publicGroupOf({ ...profile, publicGroup: { groupType: 'newer', groupLink: 'x', publicGroupId: 'Z3JvdXA=', more: 1 } })).toEqual({ groupType: 'newer', groupLink: 'x', publicGroupId: 'Z3JvdXA' });
    const named = { groupType: 'channel', groupLink: 'x', publicGroupId: 'AA', publicGroupAccess: { groupDomainClaim: { domain: 'news.simplex', proof: {} }, allowEmbedding: false } };
    expect(publicGroupOf({ ...profile, publicGroup: named })?.publicGroupAccess).toEqual({ groupDomainClaim: { domain: 'news.simplex' } });
    expect(publicGroupOf({ ...profile, publicGroup: { ...named, publicGroupAccess: { groupDomainClaim: 'of another version' } } })?.publicGroupAccess).toEqual({});
    for (const publicGroup of [undefined, {}, { groupType: 1, groupLink: 'x', publicGroupId: 'AA' }, { groupType: 'channel', groupLink: 'x', publicGroupId: '?' }]) {
      expect(publicGroupOf({ ...profile, ...(publicGroup && { publicGroup }) })).toBeNull();
    }
  });
});

describe('cards', () => {
  const card = (ownerSig: unknown): Uint8Array => bytes(JSON.stringify({
    event: 'x.msg.new', params: { content: { type: 'chat', text: '', chatLink: { type: 'group', connLink: '', groupProfile: { displayName: '', fullName: '' } }, ownerSig } },
  }));
  const contentOf = (body: Uint8Array): unknown => {
    const [part] = parseBody(body);
    return part?.kind === 'message' && part.message.event === 'x.msg.new' ? part.message.params.content : part;
  };

  test.each([
    [{ ownerId: 'AA==', chatBinding: 'AAE=', ownerSig: 'AAEC' }, { ownerId: 'AA', chatBinding: 'AAE', ownerSig: 'AAEC' }],
    [{ binding: 'AAE', ownerSig: 'AAEC' }, { chatBinding: 'AAE', ownerSig: 'AAEC' }],
  ])('are signed: %j', (said, read) => {
    expect(contentOf(card(said))).toMatchObject({ ownerSig: read });
  });

  test.each([[null], ['x'], [{}], [{ chatBinding: 'AA' }], [{ chatBinding: 1, ownerSig: 'AA' }]])('or are not: %j', (said) => {
    expect(contentOf(card(said))).not.toHaveProperty('ownerSig');
  });
});

test('signatures are Ed25519 over binding and text', () => {
  const binding = channelBinding(idOfBytes(sha256(utf8('root'))), MEMBER);
  const { signatures: [signature], message } = signedOf(signMessage(OK, binding, KEY));
  expect(verify(OWN, concatBytes(binding, message), signature!)).toBe(true);
});
