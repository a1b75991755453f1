/** Records of TLS 1.3: two ends that understand each other, keys as RFC 8448 has them, and peers that break the rules. */
import { sealChaChaInto } from '@polyplex/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { giveRecord, RecordLayer } from './record-layer.ts';
import { RecordSplitter } from './record-splitter.ts';
import { TrafficKeys } from './traffic-keys.ts';

const [ONE, OTHER] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

interface End {
  readonly layer: RecordLayer;
  readonly got: Uint8Array[];
  ends: number;
  receive(bytes: Uint8Array): boolean;
}

function end(receive: Uint8Array, send: Uint8Array): End {
  const self: End = {
    layer: new RecordLayer({ receive, send }),
    got: [],
    ends: 0,
    receive: (bytes) => self.layer.receive(bytes.slice(), { data: (content) => self.got.push(content.slice()), ended: () => self.ends++ }),
  };
  return self;
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A record of any type, sealed with a client's keys. */
function sealed(keys: TrafficKeys, type: number, content: readonly number[], padding = 0): Uint8Array {
  const record = new Uint8Array(5 + content.length + 1 + padding + 16);
  record.set(content, 5);
  record[5 + content.length] = type;
  keys.seal(record);
  return record;
}

const ALERT = 21;
const HANDSHAKE = 22;
const DATA = 23;
const KEY_UPDATE = [24, 0, 0, 1];

/** The server's end, and keys to write as its client would. */
function server(): { readonly end: End; readonly client: TrafficKeys } {
  return { end: end(ONE, OTHER), client: new TrafficKeys(ONE) };
}

test('what one end says the other hears, in whatever pieces it comes, padding and empty records included', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40_000 }), { maxLength: 4 }), fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }), (texts, cuts) => {
    const [a, b] = [end(ONE, OTHER), end(OTHER, ONE)];
    const wire = joined(texts.flatMap((text) => a.layer.seal(text)));
    for (let at = 0, i = 0; at < wire.length; i++) {
      const size = cuts[i % cuts.length]!;
      expect(b.receive(wire.subarray(at, at + size))).toBe(true);
      at += size;
    }
    expect(joined(b.got)).toEqual(joined(texts));
  }), { numRuns: 40 });
  const { end: self, client } = server();
  expect(self.receive(sealed(client, DATA, [], 3))).toBe(true);
  expect(self.receive(sealed(client, DATA, [1, 2, 0], 100))).toBe(true);
  expect(self.got).toEqual([Uint8Array.of(1, 2, 0)]);
});

test('a block is one record, and one of 16384 bytes takes 22 more', () => {
  const records = end(ONE, OTHER).layer.seal(new Uint8Array(16_384));
  expect(records.map(({ length }) => length)).toEqual([16_406]);
  expect([...records[0]!.subarray(0, 5)]).toEqual([23, 3, 3, 0x40, 0x11]);
});

test('memory of records is used again, and what was sealed before is another record each time', () => {
  const { layer } = end(ONE, OTHER);
  const [first] = layer.seal(new Uint8Array(16_384));
  const before = first!.slice();
  giveRecord(first!);
  const [second] = layer.seal(new Uint8Array(16_384));
  expect(second).toBe(first);
  expect(second).not.toEqual(before);
});

test('keys are derived as in RFC 8446 §7.1: known answer of RFC 8448 §3 in its key and iv, by their effect', () => {
  // server_application_traffic_secret_0 of the trace, whose key has 16 bytes there; the label and hash are the same.
  const keys = new TrafficKeys(Uint8Array.from(Buffer.from('a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643', 'hex')));
  const record = new Uint8Array(5 + 1 + 16);
  record[5] = DATA;
  keys.seal(record);
  const expected = new Uint8Array(17);
  // iv: cf782b88dd83549aadf1e984, as printed there; the key of 32 bytes was computed with OpenSSL's TLS13-KDF.
  sealChaChaInto(expected, {
    key: Uint8Array.from(Buffer.from(RFC8448_KEY_32, 'hex')), nonce: Uint8Array.from(Buffer.from('cf782b88dd83549aadf1e984', 'hex')), associated: Uint8Array.of(23, 3, 3, 0, 17),
  }, Uint8Array.of(DATA));
  expect(record.subarray(5)).toEqual(expected);
});
const RFC8448_KEY_32 = '848e80ab93efeb09c572c66873c184f99207c95b0fc817f91e8e7e8e14ac5ca9';

describe('new keys', () => {
  test('those of the peer are taken, as often as it says something in between', () => {
    const { end: self, client } = server();
    for (let i = 0; i < 100; i++) {
      expect(self.receive(sealed(client, HANDSHAKE, [...KEY_UPDATE, 0]))).toBe(true);
      client.update();
      expect(self.receive(sealed(client, DATA, [i]))).toBe(true);
    }
    expect(self.got).toHaveLength(100);
    expect(self.layer.seal(Uint8Array.of(1))).toHaveLength(1);
  });

  test('those that it asks for come before the next data, once', () => {
    const { end: self, client } = server();
    for (let i = 0; i < 3; i++) {
      self.receive(sealed(client, HANDSHAKE, [...KEY_UPDATE, 1]));
      client.update();
    }
    const peer = new TrafficKeys(OTHER);
    const [update, data, ...more] = self.layer.seal(Uint8Array.of(9));
    expect([...peer.open(update!)!]).toEqual([...KEY_UPDATE, 0, HANDSHAKE]);
    peer.update();
    expect([...peer.open(data!)!]).toEqual([9, DATA]);
    expect(more).toEqual([]);
    expect([...peer.open(self.layer.seal(Uint8Array.of(8))[0]!)!]).toEqual([8, DATA]);
  });
});

describe('a peer is cut off', () => {
  const broken: Readonly<Record<string, (client: TrafficKeys) => Uint8Array>> = {
    'when a record was changed': (client) => {
      const record = sealed(client, DATA, [1, 2, 3]);
      record[6]! ^= 1;
      return record;
    },
    'when the length of a record was changed, which is authenticated': (client) => {
      const record = sealed(client, DATA, [1, 2, 3]);
      record[2] = 1;
      return record;
    },
    'when a record is missing': (client) => {
      sealed(client, DATA, [1]);
      return sealed(client, DATA, [2]);
    },
    'when a record is all padding': (client) => sealed(client, 0, [], 7),
    'for an unknown type inside': (client) => sealed(client, 20, [1]),
    'for a plain record of change_cipher_spec': () => Uint8Array.of(20, 3, 3, 0, 1, 1),
    'for a plain alert': () => Uint8Array.of(21, 3, 3, 0, 2, 2, 40),
    'for what is no TLS': () => Buffer.from('GET / HTTP/1.1\r\n'),
    'for an alert that is fatal': (client) => sealed(client, ALERT, [2, 20]),
    'for an alert cut short': (client) => sealed(client, ALERT, [1]),
    'for content longer than a record may carry': (client) => sealed(client, DATA, new Array<number>(16_385).fill(1)),
    'for a record longer than any': () => Uint8Array.of(23, 3, 3, 0x41, 0x01),
    'for a new handshake': (client) => sealed(client, HANDSHAKE, [1, 0, 0, 0]),
    'for a key update that asks for something else': (client) => sealed(client, HANDSHAKE, [...KEY_UPDATE, 2]),
    'for two messages where a key update is to be alone': (client) => sealed(client, HANDSHAKE, [...KEY_UPDATE, 0, ...KEY_UPDATE, 0]),
    'for a record shorter than its tag': () => Uint8Array.of(23, 3, 3, 0, 3, 1, 2, 3),
  };
  test.each(Object.entries(broken))('%s', (_name, make) => {
    const { end: self, client } = server();
    expect(self.receive(make(client))).toBe(false);
    expect(self.got).toEqual([]);
  });

  test.each([
    { name: 'empty records', type: DATA, content: [] },
    { name: 'key updates', type: HANDSHAKE, content: [...KEY_UPDATE, 0] },
    { name: 'harmless alerts', type: ALERT, content: [1, 90] },
  ])('for $name without end', ({ type, content }) => {
    const { end: self, client } = server();
    let taken = 0;
    for (; taken < 1000 && self.receive(sealed(client, type, content)); taken++) if (type === HANDSHAKE) client.update();
    expect(taken).toBe(32);
  });
});

test('after its end a peer has nothing to say', () => {
  const { end: self, client } = server();
  expect(self.receive(sealed(client, ALERT, [1, 0]))).toBe(true);
  expect(self.ends).toBe(1);
  expect(self.receive(sealed(client, DATA, [1]))).toBe(true);
  expect(self.got).toEqual([]);
  expect([...new TrafficKeys(OTHER).open(self.layer.close())!]).toEqual([1, 0, ALERT]);
});

test('no bytes whatever do harm, and none are taken for data', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (chunks) => {
    const self = end(ONE, OTHER);
    for (const chunk of chunks) if (!self.receive(chunk)) break;
    expect(self.got).toEqual([]);
  }));
});

test('a record begun holds no more than itself', () => {
  const splitter = new RecordSplitter();
  const seen: number[] = [];
  const push = (bytes: readonly number[]): boolean => splitter.push(Uint8Array.from(bytes), (record) => seen.push(record.length) > 0);
  expect(push([23, 3])).toBe(true);
  expect(push([3, 0])).toBe(true);
  expect(push([2, 7])).toBe(true);
  expect(splitter.takeRest()).toEqual(Uint8Array.of(23, 3, 3, 0, 2, 7));
  expect(splitter.takeRest()).toBeNull();
  expect(push([23, 3, 3, 0, 1, 9, 22, 3, 3, 0, 2, 1, 1, 20])).toBe(true);
  expect(seen).toEqual([6, 7]);
});
