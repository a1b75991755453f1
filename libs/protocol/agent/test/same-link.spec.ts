/** Links compared by where they lead (directory §5). */
import { generateKeyPair, randomBytes } from '@polyplex/crypto';
import { AGENT_VERSIONS, CLIENT_VERSIONS, type ConnectionRequest, formatLink, formatShortLink, sameLink, type ShortLink } from '@polyplex/protocol-agent';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const server = { hosts: ['smp.example.org', 'abc.onion'], port: '5223', keyHash: randomBytes(32) };

function addressAt(at = server, senderId = randomBytes(24)): ConnectionRequest {
  return {
    mode: 'contact', versions: AGENT_VERSIONS, clientData: null,
    queues: [{ server: at, senderId, key: generateKeyPair('x25519').publicKey, mode: 'contact', versions: CLIENT_VERSIONS }],
  };
}

describe('short links', () => {
  const link: ShortLink = { kind: 'g', server, linkKey: randomBytes(32) };
  const whole = formatShortLink(link, 'simplex');

  test('are the same in every form', () => {
    const shortened = formatShortLink({ ...link, server: { hosts: ['smp.example.org'], port: '', keyHash: new Uint8Array() } }, 'server');
    const forms = [whole, formatShortLink(link, 'server'), shortened, `${whole}?same_link=true`, `${shortened}?same_link=true`, `${whole}&same_link=true`, ` ${whole}\n`];
    for (const a of forms) for (const b of forms) expect(sameLink(a, b), `${a} and ${b}`).toBe(true);
  });

  test('with another key, host, port or key hash are not', () => {
    for (const other of [
      { ...link, linkKey: randomBytes(32) }, { ...link, server: { ...server, hosts: ['smp2.example.org'] } },
      { ...link, server: { ...server, port: '443' } }, { ...link, server: { ...server, keyHash: randomBytes(32) } },
    ]) expect(sameLink(whole, formatShortLink(other, 'simplex'))).toBe(false);
  });
});

describe('full links', () => {
  test('are the same by their queue, whatever else they say', () => {
    const request = addressAt();
    const link = formatLink(request);
    const forms = [
      link, formatLink(request, 'https://simplex.chat'), formatLink({ ...request, clientData: '{"type":"group"}' }), `${link}?same_link=true`,
      formatLink({ ...request, versions: { min: 2, max: 5 } }),
    ];
    for (const a of forms) for (const b of forms) expect(sameLink(a, b), `${a} and ${b}`).toBe(true);
  });

  test('to another queue or relay are not', () => {
    const senderId = randomBytes(24);
    const link = formatLink(addressAt(server, senderId));
    expect(sameLink(link, formatLink(addressAt()))).toBe(false);
    expect(sameLink(link, formatLink(addressAt({ ...server, hosts: ['other.example.org'] }, senderId)))).toBe(false);
  });
});

test('what is no link is the same as nothing', () => {
  const link = formatLink(addressAt());
  fc.assert(fc.property(fc.string(), (text) => {
    expect([sameLink(text, text), sameLink(text, link), sameLink(link, text)]).toEqual([false, false, false]);
  }));
  expect(sameLink(link, formatShortLink({ kind: 'a', server, linkKey: randomBytes(32) }, 'simplex'))).toBe(false);
});
