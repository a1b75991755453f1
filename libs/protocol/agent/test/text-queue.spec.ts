/** Queues as texts name them: the texts are of the reference (simplexmq 6.5.5) and of the sheet of worked examples. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Url } from '@polyplex/base';
import { parseQueueName } from '../src/index.ts';

interface Vector {
  readonly name: string;
  readonly text: string;
  readonly id: string;
}

const vectors = JSON.parse(readFileSync(new URL('vectors/queue-names.json', import.meta.url), 'utf8')) as readonly Vector[];
const idOf = (text: string): string | null => {
  const id = parseQueueName(text)?.id;
  return id === undefined ? null : Buffer.from(id).toString('hex');
};

const KEY = Buffer.from('0123456789abcdef0123456789abcdef').toString('base64url');
const LINK_ID = Buffer.from('0123456789abcdef01234567').toString('base64url');
const CONTACT_ID = '7bb6cac6ddda05661de73a9974926c4d3d30f3dd36e0e365';
const OTHER = 'jjbyvoemxysm7qxap7m5d5m35jzv5qq6gnlv7s4rsn7tdwwmuqciwpid.onion';

describe('texts of the reference', () => {
  it.each(vectors.map(({ name, ...vector }) => [name, vector] as const))('%s', (_name, { text, id }) => {
    expect(idOf(text)).toBe(id);
    expect(idOf(`  ${text}\n`)).toBe(id);
    expect(parseQueueName(text)?.host).toMatch(/^(smp\.example\.com|127\.0\.0\.1)$/);
  });
});

describe('short links', () => {
  it.each(['a', 'c', 'g', 'r'])('/%s: the id follows from the key', (kind) => {
    for (const text of [`https://smp.simplex.im/${kind}#${KEY}`, `https://smp.simplex.im/${kind}/#${KEY}?h=${OTHER}&p=5223&c=1234-w`, `simplex:/${kind}#${KEY}?h=smp.simplex.im%2C${OTHER}`]) {
      expect(idOf(text), text).toBe(CONTACT_ID);
      expect(parseQueueName(text)?.host).toBe('smp.simplex.im');
    }
  });

  it.each([
    ['19dfaf0e4927c20e3daaaab39377bdd9b4623ef1eb513423aa0f388c4826b513', '21fc6be1aa9f8ed322dbdaa1aefac0a3484339f4621df4c9'],
    ['592a8ec1f118ca462d23965a2229ae99c919b173e91ec4acfe86b22f8f9ba1d9', '793f38bc7f9c276e0b41727cbaa13a04ce8248bed8612473'],
    ['74f90c8808c49807524bfca46c31087a0beb6fedbba0ac6222c631ec518ffb39', '5d31f137a3c8c7114572be2d12e2325ca47abab32e31cf15'],
  ])('key %s has the id %s', (key, id) => {
    expect(idOf(`simplex:/a#${Buffer.from(key, 'hex').toString('base64url')}?h=smp.example.org`)).toBe(id);
  });

  it('/i: the id stands in it', () => {
    expect(idOf(`https://smp.simplex.im/i#${LINK_ID}/${KEY}`)).toBe(Buffer.from('0123456789abcdef01234567').toString('hex'));
  });
});

describe('ids', () => {
  it('are taken as they are, with and without padding, and from a full address', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 24, maxLength: 24 }), (id) => {
      const hex = Buffer.from(id).toString('hex');
      for (const text of [toBase64Url(id), toBase64Url(id).replace(/=+$/, ''), `smp://${KEY}=@a.example,b.example:443/${toBase64Url(id)}`]) expect(idOf(text)).toBe(hex);
    }));
  });
});

describe('what names no queue', () => {
  it.each([
    '', 'x', 'smp://', `smp://${KEY}@host`, `smp://${KEY}@host/short`, `https://host/i#${KEY}`, `https://host/a#${LINK_ID}`, `https://host/a#${LINK_ID}/${KEY}`,
    `https://host/b#${KEY}`, `http://host/a#${KEY}`, `simplex:/a`, 'simplex:/contact#/?v=2-7', 'simplex:/contact#/?v=2-7&smp=%', `${LINK_ID}A`, `ftp:${LINK_ID}`,
  ])('%j', (text) => expect(parseQueueName(text)).toBeNull());

  it('nothing at all throws', () => {
    const parts = fc.constantFrom('simplex:', 'https://h', '/', 'a', 'i', '#', '?', '&', '%', '%3D', 'smp=', 'smp://', '@', KEY, LINK_ID, '=', 'contact', ';');
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(parts).map((each) => each.join(''))), (text) => {
      const name = parseQueueName(text);
      expect(name === null || name.id.length === 24).toBe(true);
    }));
  });
});
