/** Bodies as they come (directory §1.2, §1.3): plain, batched, compressed, binary, signed, passed on. */
import { describe, expect, it } from 'vitest';
import { type BodyPart, type JsonObject, parseBody, parseConnInfo, parseForwarded, parseMessage } from '../src/index.ts';
import { bytes, compressed, large, OK, type Part, plainBlock, short, zstdBlock } from './bytes.ts';

/** What the parts are, shortly: an event, a fault, a chunk. */
function told(parts: readonly BodyPart[]): readonly string[] {
  return parts.map((part) => {
    if (part.kind === 'fault') return `fault: ${part.reason}`;
    return part.kind === 'file-chunk' ? part.kind : `${part.kind}: ${part.message.event}`;
  });
}

const read = (...parts: readonly Part[]): readonly string[] => told(parseBody(bytes(...parts)));
const text = (said: string): string => `{"v":"1-17","msgId":"AAEC","event":"x.msg.new","params":{"content":{"type":"text","text":"${said}"}}}`;
const LONG = 'long '.repeat(600);

describe('one message', () => {
  it('with all that an envelope has', () => {
    const json = '{"v":"1-17","msgId":"c29tZS1vcGFxdWUtaWQh","event":"x.msg.new","params":{"content":{"type":"text","text":"hi"}}}';
    const [part] = parseBody(bytes(json));
    expect(part).toEqual({
      kind: 'message',
      signed: null,
      message: {
        event: 'x.msg.new',
        params: { content: { type: 'text', text: 'hi' } },
        versions: { min: 1, max: 17 },
        msgId: 'c29tZS1vcGFxdWUtaWQh',
        json: JSON.parse(json) as unknown,
      },
    });
  });

  it.each([['"1"', 1, 1], ['"1-17"', 1, 17], ['"3-3"', 3, 3], ['null', 1, 1]])('v as %s', (v, min, max) => {
    expect(parseBody(bytes(`{"v":${v},"event":"x.ok","params":{}}`))).toMatchObject([{ message: { versions: { min, max } } }]);
  });

  it('without a version is of the first', () => {
    expect(parseBody(bytes(OK))).toMatchObject([{ message: { versions: { min: 1, max: 1 }, msgId: null } }]);
  });

  it.each([['AAE', 'AAE'], ['AAE=', 'AAE'], ['AAF', 'AAE'], ['AA==', 'AA'], ['_-8=', '_-8']])('the id %s is %s', (given, canonical) => {
    expect(parseBody(bytes(`{"msgId":"${given}","event":"x.ok","params":{}}`))).toMatchObject([{ message: { msgId: canonical } }]);
  });

  it('of an event that is not known keeps what came', () => {
    const json = { v: '1-21', event: 'x.newer', params: { a: [1] }, also: true };
    expect(parseMessage(json)).toEqual({ kind: 'message', message: { event: 'unknown', name: 'x.newer', params: { a: [1] }, versions: { min: 1, max: 21 }, msgId: null, json } });
  });

  it.each(['x.call.inv', '__proto__', 'constructor', 'unknown'])('%s is such an event', (name) => {
    expect(parseMessage({ event: name, params: {} })).toMatchObject({ message: { event: 'unknown', name } });
  });

  it('with content that is not known keeps what came, and its text', () => {
    const content = { type: 'poll', text: 'which?', options: [1, 2] };
    expect(parseMessage({ event: 'x.msg.new', params: { content } })).toMatchObject({ message: { params: { content: { type: 'unknown', text: 'which?', json: content } } } });
    expect(parseMessage({ event: 'x.msg.new', params: { content: { type: 'poll' } } })).toMatchObject({ message: { params: { content: { type: 'unknown', text: '' } } } });
  });

  it('with a quote of a direct chat and of a group', () => {
    const quote = (msgRef: object): JsonObject => ({ event: 'x.msg.new', params: { content: { type: 'text', text: 'b' }, quote: { msgRef, content: { type: 'text', text: 'a' } } } });
    const direct = { msgId: 'AAEC', sentAt: '2026-03-01T10:20:30.123456789Z', sent: false };
    expect(parseMessage(quote(direct))).toMatchObject({ message: { params: { quote: { msgRef: direct } } } });
    const inGroup = { ...direct, sent: true, memberId: 'AQID' };
    expect(parseMessage(quote(inGroup))).toMatchObject({ message: { params: { quote: { msgRef: inGroup } } } });
  });

  it('with an image and no file', () => {
    const content = { type: 'image', text: '', image: 'data:image/jpg;base64,AAAA' };
    expect(parseMessage({ event: 'x.msg.new', params: { content } })).toMatchObject({ message: { params: { content } } });
  });

  it('forwarded in the words of some clients', () => {
    const params = { content: { type: 'text', text: '' }, forward: { from: 1 } };
    expect(parseMessage({ event: 'x.msg.new', params })).toMatchObject({ message: { params: { forward: true } } });
  });

  it('with a role, a restriction, a preference and a kind of peer of a newer version', () => {
    const profile = { displayName: 'a', fullName: '', peerType: 'robot', preferences: { voice: { allow: 'sometimes' }, calls: { allow: 'no' }, commands: [{ type: 'form' }] } };
    const parsed = parseMessage({
      event: 'x.grp.mem.intro',
      params: { memberInfo: { memberId: 'AAEC', memberRole: 'emperor', v: '2-30', profile }, memberRestrictions: { restriction: 'muted' } },
    });
    expect(parsed).toMatchObject({
      message: {
        params: {
          memberInfo: { memberRole: 'unknown', v: { min: 2, max: 30 }, profile: { displayName: 'a', fullName: '', preferences: { calls: { allow: 'no' } } } },
          memberRestrictions: { restriction: 'unknown' },
        },
      },
    });
  });
});

describe('batches', () => {
  it('are read in their order, a bad element among the others', () => {
    expect(read(`[${OK},{"event":"x.grp.acpt","params":{}},7,${text('a')},{}]`)).toEqual([
      'message: x.ok', 'fault: memberId: missing', 'fault: not an object', 'message: x.msg.new', 'fault: event: missing',
    ]);
  });

  it('of one', () => {
    expect(read(`[${OK}]`)).toEqual(['message: x.ok']);
  });
});

describe('compressed bodies', () => {
  it('hold a frame', () => {
    expect(read(compressed(zstdBlock(text(LONG))))).toEqual(['message: x.msg.new']);
  });

  it('hold bytes as they are', () => {
    expect(read(compressed(plainBlock(OK)))).toEqual(['message: x.ok']);
  });

  it('hold a batch, JSON or binary', () => {
    expect(read(compressed(zstdBlock(`[${OK},${text(LONG)}]`)))).toEqual(['message: x.ok', 'message: x.msg.new']);
    expect(read(compressed(plainBlock(bytes('=', [1], large(OK)))))).toEqual(['message: x.ok']);
  });

  it('hold several blocks, each on its own', () => {
    expect(read(compressed(plainBlock(OK), bytes('1', large('junk')), zstdBlock(text(LONG))))).toEqual(['message: x.ok', 'fault: no zstd frame', 'message: x.msg.new']);
  });
});

const signature = new Uint8Array(64).fill(7);
const signed = (json: string): Uint8Array => bytes('/G', [1], 'M', short(signature), json);
const passedOn = (element: Uint8Array | string): Uint8Array => bytes('>M', short([1, 2, 3]), short('Ann'), [0, 0, 0, 0, 0x65, 0, 0, 0], element);

describe('binary batches', () => {
  it('hold plain, signed and passed on messages and chunks of files, a bad one among them', () => {
    const elements = [bytes(OK), signed(text('a')), passedOn(text('b')), passedOn(signed(text('c'))), bytes('Fchunk'), bytes('?'), bytes(''), bytes(OK)];
    expect(read('=', [elements.length], ...elements.map(large))).toEqual([
      'message: x.ok', 'message: x.msg.new', 'forwarded: x.msg.new', 'forwarded: x.msg.new', 'file-chunk', 'fault: unknown body', 'fault: empty', 'message: x.ok',
    ]);
  });

  it('tell the signatures and what they are of', () => {
    expect(parseBody(signed(text('a')))).toMatchObject([{ kind: 'message', signed: { binding: 'G', signatures: [signature], message: bytes(text('a')) } }]);
  });

  it('tell whom a message was passed on for', () => {
    expect(parseBody(passedOn(signed(text('a'))))).toMatchObject([{
      kind: 'forwarded', from: { memberId: 'AQID', memberName: 'Ann', msgTs: '2023-09-12T06:06:56.000Z' }, signed: { signatures: [signature] },
    }]);
    expect(parseBody(bytes('>C', [0, 0, 0, 0, 0, 0, 0, 1], text('a')))).toMatchObject([{ kind: 'forwarded', from: { memberId: null, memberName: null } }]);
  });

  it('hold no views of what came', () => {
    const body = signed(text('a'));
    const [part] = parseBody(body);
    body.fill(0);
    expect(part).toMatchObject({ signed: { signatures: [signature], message: bytes(text('a')) } });
  });

  it('pass nothing on twice', () => {
    const forward = '{"event":"x.grp.msg.forward","params":{"memberId":"AAEC","msg":{},"msgTs":"2026-03-01T10:20:30Z"}}';
    expect(read(passedOn(passedOn(OK)))).toEqual(['fault: unknown body']);
    expect(read(passedOn(forward))).toEqual(['fault: forward in a forward']);
    expect(parseForwarded(JSON.parse(forward) as Record<string, unknown>)).toEqual({ kind: 'fault', reason: 'forward in a forward' });
  });
});

describe('what comes with a handshake', () => {
  it('is one message, plain, compressed or signed', () => {
    for (const body of [bytes(OK), compressed(plainBlock(OK)), signed(OK)]) expect(parseConnInfo(body)).toMatchObject({ kind: 'message', message: { event: 'x.ok' } });
  });

  it('is nothing else', () => {
    for (const body of [bytes(`[${OK},${OK}]`), bytes('F'), passedOn(OK)]) expect(parseConnInfo(body)).toEqual({ kind: 'fault', reason: 'not one message' });
    expect(parseConnInfo(bytes())).toEqual({ kind: 'fault', reason: 'empty' });
  });
});
