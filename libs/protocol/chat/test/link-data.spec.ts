/** What a link says of its owner (directory §5), both ways. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '@polyplex/base';
import { encodeChatLinkData, formatGroupClientData, parseChatLinkData, parseGroupClientData } from '../src/index.ts';
import { contents, groupProfiles, ids, profiles } from './arbitraries.ts';
import { bytes, frame, sizelessFrame } from './bytes.ts';

const contactData = fc.record({ profile: profiles, message: contents, business: fc.boolean() }, { requiredKeys: ['profile'], noNullPrototype: true });
const groupData = fc.record({ groupProfile: groupProfiles, publicGroupData: fc.record({ publicMemberCount: fc.nat() }, { noNullPrototype: true }) }, { requiredKeys: ['groupProfile'], noNullPrototype: true });

describe('link data', () => {
  it('are read as they were written', () => {
    fc.assert(fc.property(fc.oneof(contactData, groupData), (data) => {
      expect(parseChatLinkData(encodeChatLinkData(data))).toEqual(data);
    }), { numRuns: 300 });
  });

  it('are JSON up to 10 240 bytes, and compressed above', () => {
    const dataOf = (size: number) => ({ profile: { displayName: 'a', fullName: '', image: 'i'.repeat(size - encodeChatLinkData({ profile: { displayName: 'a', fullName: '', image: '' } }).length) } });
    const plain = encodeChatLinkData(dataOf(10_240));
    expect(plain).toHaveLength(10_240);
    expect(plain[0]).toBe(0x7b);
    const compressed = encodeChatLinkData(dataOf(10_241));
    expect(compressed[0]).toBe(0x58);
    expect(compressed.length).toBeLessThan(1_000);
    expect(parseChatLinkData(compressed)).toEqual(dataOf(10_241));
  });

  it('may say more than is known, and null where they say nothing', () => {
    const json = '{"groupProfile":{"displayName":"a","fullName":"","badge":1},"profile":null,"publicGroupData":null,"more":{}}';
    expect(parseChatLinkData(utf8(json))).toEqual({ groupProfile: { displayName: 'a', fullName: '' } });
    expect(parseChatLinkData(utf8('{"profile":{"displayName":"a","fullName":""},"groupProfile":null,"business":"no"}'))).toEqual({ profile: { displayName: 'a', fullName: '' } });
  });

  it.each([
    ['nothing', bytes()],
    ['no JSON', bytes('{')],
    ['a list', bytes('[]')],
    ['neither profile', bytes('{}')],
    ['a profile without a name', bytes('{"profile":{}}')],
    ['a group without a name', bytes('{"groupProfile":{}}')],
    ['no frame', bytes('X{}')],
    ['a frame without a size', bytes('X', sizelessFrame('{"profile":{"displayName":"a","fullName":""}}'))],
    ['a frame of too much', bytes('X', frame(`{"profile":{"displayName":"${'a'.repeat(70_000)}","fullName":""}}`))],
    ['a frame and more', bytes('X', frame('{"profile":{"displayName":"a","fullName":""}}'), 'x')],
    ['text of 70 000 bytes', bytes(`{"profile":{"displayName":"${'a'.repeat(70_000)}","fullName":""}}`)],
  ])('%s is none', (_name, data) => {
    expect(parseChatLinkData(data)).toBeNull();
  });
});

describe("a group's client data", () => {
  it('name its link', () => {
    fc.assert(fc.property(ids, (id) => {
      expect(parseGroupClientData(formatGroupClientData(id))).toBe(id);
    }));
    expect(parseGroupClientData('{"type":"group","groupLinkId":"AAECAwQFBgcICQoLDA0ODw=="}')).toBe('AAECAwQFBgcICQoLDA0ODw');
  });

  it.each(['', '{}', '[]', 'null', '{"type":"group"}', '{"type":"contact","groupLinkId":"AAEC"}', '{"type":"group","groupLinkId":"?"}', '['.repeat(9_000)])('%s names none', (data) => {
    expect(parseGroupClientData(data)).toBeNull();
  });
});
