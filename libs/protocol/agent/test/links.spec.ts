/** Links, queues, link data, messages and envelopes, against golden data, and against input of any kind. */
import { decode, encode, tryDecode } from '@polyplex/codec';
import { boxKeyOf, decodePrivateKey, decodePublicKey, generateKeyPair, type PrivateKey, type PublicKey, sign } from '@polyplex/crypto';
import {
  agentEnvelope, agentMessage, clientEnvelope, connectionRequest, contactLinkKeys, formatLink, formatQueueUri, formatShortLink, openClientMessage, openLinkData, ownersHold,
  parseLink, parseQueueUri, parseShortLink, queueInfo, queueUri, sealClientMessage, sealLinkData, sealUserLinkData, shortLink,
} from '@polyplex/protocol-agent';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, clientEnvelopes, type GoldenQueue, hexOf, links } from './golden.ts';

function addressOf({ server, senderId, dhPublicKey, queueMode }: GoldenQueue) {
  return {
    server: { ...server, keyHash: bytesOf(server.keyHash) },
    senderId: bytesOf(senderId),
    key: decodePublicKey(bytesOf(dhPublicKey)) as PublicKey<'x25519'>,
    mode: queueMode,
  };
}

describe('queues', () => {
  test('are written as the reference writes them, as bytes and as text, and text is read back', () => {
    expect(links.queueUris.length).toBeGreaterThan(30);
    for (const golden of links.queueUris) {
      const [min, max] = golden.versionRange;
      const queue = { ...addressOf(golden), versions: { min, max } };
      expect(hexOf(encode(queueUri, queue))).toBe(golden.smpEncode);
      expect(formatQueueUri(queue)).toBe(golden.strEncode);
      expect(parseQueueUri(golden.strEncode)).toEqual(queue);
      const { mode, ...rest } = decode(queueUri, bytesOf(golden.smpEncode));
      expect({ ...rest, mode }).toEqual({ ...queue, mode });
      if (mode !== null && queue.mode !== null) expect(mode).toBe(queue.mode);
    }
  });

  test('at an agreed version are written as the reference writes them', () => {
    expect(links.queueInfos.length).toBeGreaterThan(20);
    for (const golden of links.queueInfos) {
      const queue = { ...addressOf(golden), version: golden.clientVersion };
      expect(hexOf(encode(queueInfo, queue))).toBe(golden.smpEncode);
      expect(hexOf(encode(queueInfo, decode(queueInfo, bytesOf(golden.smpEncode))))).toBe(golden.smpEncode);
    }
  });

  test('are read in the forms of older and of unknown clients', () => {
    const dh = 'MCowBQYDK2VuAyEAjiswwI3O_NlS8Fk3HJUW870EY2bAwmttMBsvRB9eV3o=';
    const hash = 'LcJUMfVhwD8yxjAiSaDzzGF3-kLG4Uh0Fl_ZIjrRwjI=';
    const onion = 'jjbyvoemxysm7qxap7m5d5m35jzv5qq6gnlv7s4rsn7tdwwmuqciwpid.onion';
    expect(parseQueueUri(`smp://${hash}@smp.simplex.im:5223/3456-w==#${dh}/?v=1-4&extra_param=abc&srv=${onion}&q=m&k=s`)).toMatchObject({
      server: { hosts: ['smp.simplex.im', onion], port: '5223' }, versions: { min: 1, max: 4 }, mode: 'messaging',
    });
    expect(parseQueueUri(`smp://${hash}@smp.simplex.im,${onion}:5223/3456-w==#${dh}`)).toMatchObject({ versions: { min: 1, max: 1 }, mode: null });
    expect(parseQueueUri(`smp://${hash}@smp.simplex.im/3456-w==/#/?dh=${encodeURIComponent(dh)}&v=4&q=c`)).toMatchObject({ versions: { min: 4, max: 4 }, mode: 'contact' });
  });
});

describe('connection requests', () => {
  test.each(links.connectionRequests)('$name', ({ smpEncode, strEncode, clientData }) => {
    const request = parseLink(strEncode)!;
    expect(request.clientData).toBe(clientData);
    expect(formatLink(request)).toBe(strEncode);
    expect(hexOf(encode(connectionRequest, request))).toBe(smpEncode);
    expect(hexOf(encode(connectionRequest, decode(connectionRequest, bytesOf(smpEncode))))).toBe(smpEncode);
  });

  test('with the address of a site', () => {
    expect(formatLink(parseLink(links.contactSimplexChatUri)!, 'https://simplex.chat')).toBe(links.contactSimplexChatUri);
  });

  test.each([
    ['v=1', { min: 2, max: 2 }], ['v=1-2', { min: 2, max: 2 }], ['v=1-7', { min: 2, max: 7 }], ['v=3-7', { min: 3, max: 7 }],
  ])('a contact address of %s is read as one of a version that is spoken', (v, versions) => {
    expect(parseLink(links.contactSimplexChatUri.replace('v=2-7', v))?.versions).toEqual(versions);
  });

  test('what is no link is none', () => {
    const { strEncode } = links.connectionRequests[0]!;
    for (const wrong of ['', 'simplex:/', strEncode.replace('invitation', 'group'), strEncode.replace('e2e=', 'x='), strEncode.replace('smp=', 'x='), strEncode.replace('v=2-7', 'v=7-2'), strEncode.replace('x3dh', 'x')]) {
      expect(parseLink(wrong)).toBeNull();
    }
  });
});

describe('short links', () => {
  test.each(links.shortLinks)('$mode $contactType, $name', ({ smpEncode, strEncode }) => {
    const link = parseShortLink(strEncode)!;
    expect(formatShortLink(link, strEncode.startsWith('simplex:') ? 'simplex' : 'server')).toBe(strEncode);
    expect(hexOf(encode(shortLink, link))).toBe(smpEncode);
    expect(decode(shortLink, bytesOf(smpEncode))).toEqual(link);
  });

  test('what is no link is none', () => {
    for (const wrong of ['', 'simplex:/a#', 'simplex:/a#AAAA?h=a.com', 'simplex:/x#EFbcR6cW9R5c69JtBxCjFqNl_BXuxqwhB2nlRENP5ps?h=a.com', 'simplex:/a#EFbcR6cW9R5c69JtBxCjFqNl_BXuxqwhB2nlRENP5ps', 'simplex:/i#EFbcR6cW9R5c69JtBxCjFqNl_BXuxqwhB2nlRENP5ps?h=a.com']) {
      expect(parseShortLink(wrong)).toBeNull();
    }
  });
});

const rootOf = (pkcs8: string): PrivateKey<'ed25519'> => decodePrivateKey(bytesOf(pkcs8)) as PrivateKey<'ed25519'>;

describe('link data', () => {
  test.each(links.linkData)('$name: opens, and sealed again opens to the same', (golden) => {
    const blobs = { fixed: bytesOf(golden.encryptedFixedData), user: bytesOf(golden.encryptedUserData) };
    const opened = openLinkData(golden.mode, bytesOf(golden.linkKey), blobs);
    if ('fault' in opened) throw new Error(opened.fault);
    const { fixed, user } = opened;
    expect(hexOf(fixed.rootKey.raw)).toBe(golden.rootKey.publicRaw);
    expect(hexOf(encode(connectionRequest, fixed.request))).toBe(golden.linkConnReqSmp);
    expect(fixed.entityId && hexOf(fixed.entityId)).toBe(golden.linkEntityId);
    expect(hexOf(user.data)).toBe(golden.userDataPlain);
    if (user.mode === 'contact') {
      expect([user.direct, user.owners.length, user.relays.length]).toEqual([golden.direct, golden.owners!.length, golden.relays!.length]);
      expect(user.relays.map((link) => formatShortLink(link, 'server'))).toEqual(golden.relays);
      expect(hexOf(contactLinkKeys(bytesOf(golden.linkKey)).linkId)).toBe(golden.linkId);
    }
    const sealed = sealLinkData(rootOf(golden.rootKey.pkcs8Der), fixed, user);
    expect([hexOf(sealed.linkKey), sealed.fixed.length, sealed.user.length]).toEqual([golden.linkKey, 2048, 13_824]);
    expect(openLinkData(golden.mode, sealed.linkKey, sealed)).toEqual(opened);
  });

  test('is refused for each of its faults', () => {
    const golden = links.linkData.find(({ name }) => name === 'contact address')!;
    const linkKey = bytesOf(golden.linkKey);
    const blobs = { fixed: bytesOf(golden.encryptedFixedData), user: bytesOf(golden.encryptedUserData) };
    const opened = openLinkData('contact', linkKey, blobs);
    if ('fault' in opened) throw new Error(opened.fault);
    const root = rootOf(golden.rootKey.pkcs8Der);
    const other = generateKeyPair('ed25519');
    const owner = (by: PrivateKey<'ed25519'>, key: PublicKey<'ed25519'>) => {
      const ownerId = new Uint8Array(4).fill(1);
      return { ownerId, key, signature: sign(by, Uint8Array.from([...ownerId, ...ownerContent(key)])) };
    };
    const user = (by: PrivateKey<'ed25519'>, owners: ReturnType<typeof owner>[]) => ({
      ...blobs, user: sealUserLinkData(by, linkKey, { ...opened.user, mode: 'contact', direct: true, relays: [], owners }),
    });
    expect(openLinkData('contact', bytesOf(golden.linkKey).fill(0), blobs)).toEqual({ fault: 'decrypt' });
    expect(openLinkData('contact', linkKey.subarray(1), blobs)).toEqual({ fault: 'decrypt' });
    expect(openLinkData('contact', linkKey, { ...blobs, fixed: blobs.user })).toEqual({ fault: 'hash' });
    expect(openLinkData('contact', linkKey, { ...blobs, user: blobs.fixed })).toEqual({ fault: 'format' });
    expect(openLinkData('contact', linkKey, user(other.privateKey, []))).toEqual({ fault: 'user-signature' });
    expect(openLinkData('contact', linkKey, user(root, [owner(other.privateKey, other.publicKey)]))).toEqual({ fault: 'owners' });
    expect(openLinkData('contact', linkKey, user(other.privateKey, [owner(root, other.publicKey)]))).toHaveProperty('user');
    // Sealed under the right key, but signed by another root.
    const forged = sealLinkData(other.privateKey, opened.fixed, opened.user);
    expect(openLinkData('contact', forged.linkKey, forged)).toEqual({ fault: 'signature' });
  });

  test('owners sign one another in order, and none comes twice', () => {
    const { rootKey, owners } = links.linkData.find(({ owners: given = [] }) => given.length === 2)!;
    const root = { kind: 'ed25519', raw: bytesOf(rootKey.publicRaw) } as const;
    const list = owners!.map(({ ownerId, ownerKey, authOwnerSig }) => ({
      ownerId: bytesOf(ownerId), key: decodePublicKey(bytesOf(ownerKey)) as PublicKey<'ed25519'>, signature: bytesOf(authOwnerSig),
    }));
    expect(ownersHold(root, list)).toBe(true);
    expect(ownersHold(root, [list[0]!, list[0]!])).toBe(false);
    expect(ownersHold(root, [{ ...list[0]!, key: root }])).toBe(false);
    expect(ownersHold(generateKeyPair('ed25519').publicKey, list)).toBe(false);
  });
});

function ownerContent(key: PublicKey<'ed25519'>): Uint8Array {
  return Uint8Array.from([...bytesOf('302a300506032b6570032100'), ...key.raw]);
}

describe('messages and envelopes', () => {
  test.each(links.agentMessages)('$name', ({ smpEncode }) => {
    expect(hexOf(encode(agentMessage, decode(agentMessage, bytesOf(smpEncode))))).toBe(smpEncode);
  });
  test.each(links.agentEnvelopes)('$name', ({ smpEncode }) => {
    expect(hexOf(encode(agentEnvelope, decode(agentEnvelope, bytesOf(smpEncode))))).toBe(smpEncode);
  });

  test('say what the sheet works out by hand', () => {
    const hello = decode(agentMessage, bytesOf('4d000000000000000220cb525be8b51bfc0132a8c23bfc29bcd8702ccd374455c2dfcd266c62f8b817f248'));
    expect(hello).toMatchObject({ tag: 'M', messageId: 2, content: { tag: 'H' } });
    const receipt = decode(agentMessage, bytesOf('4d00000000000000022004b63532a2f7b53ecddad2c8f034539cdb7eb371a1bb7e1cf61a01300d0dcc4e560100000000000000032063f1dc91d743ab8158f5149552dea16447e35d27e9b8aa75965c70904b2f141d0000'));
    expect(receipt).toMatchObject({ tag: 'M', messageId: 2, content: { tag: 'V', receipts: [{ messageId: 3 }] } });
  });

  test('a queue\'s envelope opens, and is sealed to the same bytes', () => {
    const secret = boxKeyOf(bytesOf(clientEnvelopes.dhSecret));
    for (const { body, envelope, nonce, clientVersion, e2ePubDhKey } of clientEnvelopes.samples) {
      const read = decode(clientEnvelope, bytesOf(envelope));
      const message = openClientMessage(read, secret)!;
      expect(hexOf(message.body)).toBe(body);
      const key = e2ePubDhKey === null ? null : (decodePublicKey(bytesOf(e2ePubDhKey)) as PublicKey<'x25519'>);
      expect(hexOf(sealClientMessage(message, { version: clientVersion, key, nonce: bytesOf(nonce), secret }))).toBe(envelope);
      expect(openClientMessage({ ...read, box: read.box.slice(1) }, secret)).toBeNull();
    }
  });
});

describe('input of any kind', () => {
  const formats = { agentMessage, agentEnvelope, clientEnvelope, connectionRequest, queueInfo, queueUri, shortLink } as const;
  test.each(Object.entries(formats))('%s reads it or refuses it', (_, format) => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (input) => {
      tryDecode(format as typeof agentMessage, input);
    }), { numRuns: 500 });
  });

  test('golden bytes with a change are read or refused, and what is read is written', () => {
    const samples = [
      ...links.agentMessages.map(({ smpEncode }) => [agentMessage, smpEncode] as const),
      ...links.connectionRequests.map(({ smpEncode }) => [connectionRequest, smpEncode] as const),
      ...links.shortLinks.map(({ smpEncode }) => [shortLink, smpEncode] as const),
    ];
    fc.assert(fc.property(fc.constantFrom(...samples), fc.nat(), fc.nat({ max: 255 }), ([format, sample], at, byte) => {
      const input = bytesOf(sample);
      input[at % input.length] = byte;
      const read = tryDecode(format as typeof agentMessage, input);
      if (read !== null) encode(format as typeof agentMessage, read);
    }), { numRuns: 2000 });
  });

  test('text is a link or none', () => {
    const texts = [...links.connectionRequests, ...links.shortLinks, ...links.queueUris].map(({ strEncode }) => strEncode);
    fc.assert(fc.property(fc.constantFrom(...texts), fc.nat(), fc.string({ maxLength: 3 }), (text, at, change) => {
      const changed = text.slice(0, at % text.length) + change + text.slice((at % text.length) + 1);
      parseLink(changed);
      parseShortLink(changed);
      parseQueueUri(changed);
    }), { numRuns: 2000 });
  });
});
