/** One line for each way in which a body can be malformed, and what it may cost then (directory §1.2, §1.3). */
import { describe, expect, it } from 'vitest';
import { formatMessage, parseBody, parseMessage } from '../src/index.ts';
import { bytes, compressed, frame, large, OK, plainBlock, rleFrame, short, sizelessFrame, zstdBlock } from './bytes.ts';

const event = (name: string, params: string): Uint8Array => bytes(`{"event":"${name}","params":${params}}`);
const content = (json: string): Uint8Array => event('x.msg.new', `{"content":${json}}`);
const block = (one: Uint8Array): Uint8Array => compressed(bytes('1', large(one)));
const member = '{"memberId":"AAEC","memberRole":"member"}';
const profile = '{"displayName":"a","fullName":""}';

const BODIES: readonly (readonly [string, Uint8Array, string])[] = [
  ['nothing', bytes(), 'empty'],
  ['a zero', bytes([0]), 'empty'],
  ['a byte of no kind', bytes('?'), 'unknown body'],
  ['a space before the message', bytes(' ', OK), 'unknown body'],
  ['a byte order mark before it', bytes([0xef, 0xbb, 0xbf], OK), 'unknown body'],
  ['a message cut short', bytes(OK.slice(0, -1)), 'no JSON'],
  ['a message and more', bytes(OK, '}'), 'no JSON'],
  ['two messages', bytes(OK, OK), 'no JSON'],
  ['bytes that are no UTF-8', bytes('{"event":"x.ok","params":{"a":"', [0xff], '"}}'), 'no JSON'],
  ['surrogates in UTF-8', bytes('{"event":"', [0xed, 0xa0, 0x80], '","params":{}}'), 'no JSON'],
  ['a control character in a text', bytes('{"event":"x.ok\n","params":{}}'), 'no JSON'],
  ['NaN', event('x.ok', '{"a":NaN}'), 'no JSON'],
  ['a comment', event('x.ok', '{}/**/'), 'no JSON'],
  ['nesting without end', event('x.new', '['.repeat(30_000)), 'no JSON'],
  ['nesting of 70 levels', event('x.new', `{"a":${'['.repeat(70)}${']'.repeat(70)}}`), 'no JSON'],
  ['an empty batch', bytes('[]'), 'empty'],
  ['a batch cut short', bytes('[', OK), 'no JSON'],
  ['a batch in a batch', bytes('[[', OK, ']]'), 'not an object'],
  ['a body of 70 000 bytes', bytes(`{"event":"x.ok","params":{"a":"${'a'.repeat(70_000)}"}}`), 'body too large'],

  ['no event', bytes('{"params":{}}'), 'event: missing'],
  ['an event that is a number', bytes('{"event":1,"params":{}}'), 'event: not a text'],
  ['no parameters', bytes('{"event":"x.ok"}'), 'params: missing'],
  ['parameters that are null', event('x.ok', 'null'), 'params: missing'],
  ['parameters that are a list', event('x.ok', '[]'), 'params: not an object'],
  ...['"17-1"', '"-1"', '"1-"', '"1-2-3"', '"1 - 2"', '""', '"99999"', '17', '"1.5"'].map((v) => [`v as ${v}`, bytes(`{"v":${v},"event":"x.ok","params":{}}`), 'v: not a version range'] as const),
  ...['""', '"="', '"A"', '"AA+/"', '"AAEC "', '7', '[]', `"${'A'.repeat(344)}"`, `"${'A'.repeat(40_000)}"`].map(
    (msgId) => [`the id ${msgId.slice(0, 10)}`, bytes(`{"msgId":${msgId},"event":"x.ok","params":{}}`), 'msgId: not an id'] as const,
  ),

  ['content that is missing', event('x.msg.new', '{}'), 'content: missing'],
  ['content without a type', content('{"text":""}'), 'content.type: unknown type'],
  ['content of a type that is a number', content('{"type":1,"text":""}'), 'content.type: unknown type'],
  ['text that is missing', content('{"type":"text"}'), 'content.text: missing'],
  ['text that is an object', content('{"type":"text","text":{}}'), 'content.text: not a text'],
  ['an image that is missing', content('{"type":"image","text":""}'), 'content.image: missing'],
  ['a negative duration', content('{"type":"voice","text":"","duration":-1}'), 'content.duration: not a count'],
  ['a duration beyond all numbers', content('{"type":"voice","text":"","duration":1e999}'), 'content.duration: not a count'],
  ['a broken duration', content('{"type":"voice","text":"","duration":1.5}'), 'content.duration: not a count'],
  ['a time that is none', event('x.grp.msg.forward', '{"memberId":"AAEC","msg":{},"msgTs":"yesterday"}'), 'msgTs: not a time'],
  ['a time of no calendar', event('x.grp.msg.forward', '{"memberId":"AAEC","msg":{},"msgTs":"2026-13-41T10:20:30Z"}'), 'msgTs: not a time'],
  ['a forward of a text', event('x.grp.msg.forward', '{"memberId":"AAEC","msg":"{}","msgTs":"2026-03-01T10:20:30Z"}'), 'msg: not an object'],
  ['a scope of another type', event('x.msg.del', '{"msgId":"AAEC","scope":{"type":"moderators","memberId":"AAEC"}}'), 'scope.type: unknown word'],
  ['a profile without a name', event('x.info', '{"profile":{"fullName":""}}'), 'profile.displayName: missing'],
  ['a profile without a full name', event('x.info', '{"profile":{"displayName":""}}'), 'profile.fullName: missing'],
  ['a member without an id', event('x.grp.mem.new', `{"memberInfo":{"memberRole":"member","profile":${profile}}}`), 'memberInfo.memberId: missing'],
  ['a role that is a number', event('x.grp.mem.role', '{"memberId":"AAEC","role":7}'), 'role: unknown word'],
  ['an acceptance of another kind', event('x.grp.link.acpt', '{"acceptance":"maybe","role":"member","memberId":"AAEC"}'), 'acceptance: unknown word'],
  ['an invitation without a group', event('x.grp.inv', `{"groupInvitation":{"fromMember":${member},"invitedMember":${member},"connRequest":""}}`), 'groupInvitation.groupProfile: missing'],
  ['a file name of 2 000 characters', event('x.file.acpt', `{"fileName":"${'a'.repeat(2_000)}"}`), 'fileName: text too long'],
  ['sixty mentions', event('x.msg.new', `{"content":{"type":"text","text":""},"mentions":{${Array.from({ length: 60 }, (_, i) => `"${i}":{"memberId":"AAEC"}`).join()}}}`), 'mentions: too many names'],

  ['compressed: nothing', bytes('X'), 'bad compressed body'],
  ['compressed: no blocks', bytes('X', [0]), 'bad compressed body'],
  ['compressed: fewer blocks than said', bytes('X', [2], plainBlock(OK)), 'bad compressed body'],
  ['compressed: more blocks than said', bytes('X', [1], plainBlock(OK), plainBlock(OK)), 'bad compressed body'],
  ['compressed: a block of another kind', bytes('X', [1], '2', short(OK)), 'bad compressed body'],
  ['compressed: an empty block', compressed(plainBlock('')), 'empty'],
  ['compressed: no frame', block(bytes('junk junk')), 'no zstd frame'],
  ['compressed: a frame without a size', block(sizelessFrame(OK)), 'frame without a content size'],
  ['compressed: a frame cut short', block(frame(OK).subarray(0, -2)), 'unexpected end'],
  ['compressed: a frame and more', block(bytes(frame(OK), 'x')), 'trailing bytes'],
  ['compressed: two frames', block(bytes(frame(OK), frame(OK))), 'trailing bytes'],
  ['compressed: a frame to skip', block(bytes([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4], frame(OK))), 'no zstd frame'],
  ['compressed: a frame with a dictionary', block(bytes([0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 28, 1, 0, 0])), 'frame with a dictionary'],
  ['compressed: a reserved bit', block(bytes([0x28, 0xb5, 0x2f, 0xfd, 0x28, 28, 1, 0, 0])), 'reserved bit of a frame'],
  ['compressed: a reserved block', block(bytes([0x28, 0xb5, 0x2f, 0xfd, 0x20, 28, 7, 0, 0])), 'reserved block of a frame'],
  ['compressed: damaged content', block(bytes([0x28, 0xb5, 0x2f, 0xfd, 0x20, 28, 0x0d, 0, 0, 0xff])), 'damaged frame'],
  ['compressed: more content than said', block(rleFrame(5, 6)), 'damaged frame'],
  ['compressed: less content than said', block(rleFrame(6, 5)), 'damaged frame'],
  ['compressed: 65 537 bytes', block(frame(bytes(new Uint8Array(65_537)))), 'content too large'],
  ['compressed: four gigabytes', block(rleFrame(0xffff_ffff, 100)), 'content too large'],
  ['compressed: little said, two megabytes meant', block(rleFrame(28, 0x1f_ffff)), 'damaged frame'],
  ['compressed twice', compressed(zstdBlock(compressed(zstdBlock(OK)))), 'compressed twice'],

  ['binary: nothing', bytes('='), 'bad binary batch'],
  ['binary: no elements', bytes('=', [0]), 'bad binary batch'],
  ['binary: fewer elements than said', bytes('=', [2], large(OK)), 'bad binary batch'],
  ['binary: more elements than said', bytes('=', [1], large(OK), large(OK)), 'bad binary batch'],
  ['binary: an element longer than the body', bytes('=', [1], [0xff, 0xff], OK), 'bad binary batch'],
  ['binary: a batch', bytes('=', [1], large(`[${OK}]`)), 'unknown body'],
  ['binary: compressed', bytes('=', [1], large(compressed(plainBlock(OK)))), 'unknown body'],
  ['signed: nothing', bytes('/'), 'unexpected end'],
  ['signed: another binding', bytes('/D', [1], 'M', short('s'), OK), 'unexpected character'],
  ['signed: no signature', bytes('/G', [0], OK), 'list too short'],
  ['signed: a key of another kind', bytes('/G', [1], 'K', short('s'), OK), 'unexpected character'],
  ['signed: no message', bytes('/G', [1], 'M', short('s')), 'no JSON'],
  ['passed on: nothing', bytes('>'), 'unexpected end'],
  ['passed on: by nobody', bytes('>M', [0, 0], new Uint8Array(8), OK), 'not an id'],
  ['passed on: in another age', bytes('>C', [0x7f, 0, 0, 0, 0, 0, 0, 0], OK), 'integer out of range'],
  ['passed on: before all ages', bytes('>C', new Uint8Array(8).fill(0xff), OK), 'time out of range'],
  ['passed on: no message', bytes('>C', new Uint8Array(8)), 'unknown body'],
];

describe('bodies', () => {
  it.each(BODIES)('%s', (_name, body, reason) => {
    expect(parseBody(body)).toEqual([{ kind: 'fault', reason }]);
  });
});

describe('what a body may cost', () => {
  it('a batch of thousands of elements is read as far as a batch goes', () => {
    const parts = parseBody(bytes(`[${'1,'.repeat(30_000)}1]`));
    expect(parts).toHaveLength(601);
    expect(parts.at(-1)).toEqual({ kind: 'fault', reason: 'too many elements' });
  });

  it('blocks together hold no more than one may', () => {
    const big = zstdBlock(`{"event":"x.new","params":{"a":"${'a'.repeat(40_000)}"}}`);
    const parts = parseBody(compressed(big, big, plainBlock(OK)));
    expect(parts.map((part) => (part.kind === 'fault' ? part.reason : part.kind))).toEqual(['message', 'content too large', 'message']);
  });

  it('255 bombs are as many refusals', () => {
    const before = process.memoryUsage().arrayBuffers;
    const bombs = compressed(...Array.from({ length: 255 }, () => bytes('1', large(rleFrame(65_536, 0x1f_ffff)))));
    const parts = parseBody(bombs);
    expect(new Set(parts.map((part) => part.kind))).toEqual(new Set(['fault']));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('what JSON can carry', () => {
  it('names that every object has are names like others, and change nothing', () => {
    const parsed = parseMessage('{"event":"x.msg.new","params":{"content":{"type":"text","text":""},"mentions":{"__proto__":{"memberId":"AAEC"}},"__proto__":{"live":true}}}');
    expect(parsed).toMatchObject({ kind: 'message' });
    const params = parsed.kind === 'message' && parsed.message.event === 'x.msg.new' ? parsed.message.params : null;
    expect(params?.live).toBeUndefined();
    expect(Object.keys(params?.mentions ?? {})).toEqual(['__proto__']);
    expect(({} as { memberId?: string }).memberId).toBeUndefined();
    const again = formatMessage({ versions: { min: 1, max: 1 }, event: 'x.msg.new', params: params! });
    expect(again).toContain('"mentions":{"__proto__":{"memberId":"AAEC"}}');
  });

  it('of a name that comes twice the last one counts', () => {
    expect(parseMessage('{"event":"x.ok","event":"x.grp.leave","params":{}}')).toMatchObject({ message: { event: 'x.grp.leave' } });
  });

  it('half a surrogate pair is replaced, for no UTF-8 carries it', () => {
    const parsed = parseMessage('{"event":"x.msg.new","params":{"content":{"type":"text","text":"a\\ud800b"}}}');
    expect(parsed).toMatchObject({ message: { params: { content: { text: 'a\ufffdb' } } } });
  });

  it('brackets in texts are no nesting', () => {
    const text = `${'[{'.repeat(100)}\\"${'['.repeat(100)}\\\\`;
    expect(parseMessage(`{"event":"x.msg.new","params":{"content":{"type":"text","text":"${text}"}}}`)).toMatchObject({ kind: 'message' });
  });
});
