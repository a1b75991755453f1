/** What is read of a ClientHello, against those that OpenSSL makes, and that no bytes whatever do harm. */
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { type ClientHelloFacts, readClientHello } from './client-hello.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((task) => task()));

/** The first bytes that a TLS client of Node sends. */
async function helloOf(options: ConnectionOptions): Promise<Uint8Array> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  client.on('error', () => undefined);
  cleanups.push(() => client.destroy(), () => server.close());
  const socket = await accepted;
  cleanups.push(() => socket.destroy());
  return new Promise((resolve) => socket.once('data', (bytes) => resolve(new Uint8Array(bytes))));
}

const USUAL: ClientHelloFacts = { tls13: true, chacha: true, named: false, unusual: false };

test.each<{ name: string; options: ConnectionOptions; facts: Partial<ClientHelloFacts> }>([
  { name: 'TLS 1.3 with ChaCha20', options: { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }, facts: {} },
  { name: 'what Node offers by itself', options: {}, facts: {} },
  { name: 'a name', options: { servername: 'relay.example' }, facts: { named: true } },
  { name: 'TLS 1.2', options: { maxVersion: 'TLSv1.2' }, facts: { tls13: false, chacha: false } },
  { name: 'AES only', options: { ciphers: 'TLS_AES_256_GCM_SHA384' }, facts: { chacha: false } },
])('$name', async ({ options, facts }) => {
  expect(readClientHello(await helloOf(options))).toEqual({ ...USUAL, ...facts });
});

test('every beginning of a hello waits for more, and what follows it does not matter', async () => {
  const hello = await helloOf({});
  for (let length = 0; length < hello.length; length++) expect(readClientHello(hello.subarray(0, length))).toBe('more');
  expect(readClientHello(Uint8Array.of(...hello, 1, 2, 3))).toEqual(USUAL);
});

/** A hello with the given extensions. */
function helloWith(extensions: readonly (readonly number[])[]): Uint8Array {
  const sized = (bytes: readonly number[], size: number): number[] => [...Array.from({ length: size }, (_, i) => (bytes.length >> (8 * (size - 1 - i))) & 0xff), ...bytes];
  const body = [3, 3, ...new Array<number>(32).fill(7), 0, ...sized([0x13, 0x03], 2), 1, 0, ...sized(extensions.flat(), 2)];
  return Uint8Array.from([22, 3, 1, ...sized([1, ...sized(body, 3)], 2)]);
}
const VERSIONS = [0, 43, 0, 3, 2, 3, 4];

test.each([
  { name: 'shorter records', extension: [0, 1, 0, 1, 2] },
  { name: 'a limit of records', extension: [0, 28, 0, 2, 64, 0] },
  { name: 'early data', extension: [0, 42, 0, 0] },
])('$name are unusual', ({ extension }) => {
  expect(readClientHello(helloWith([VERSIONS]))).toEqual(USUAL);
  expect(readClientHello(helloWith([VERSIONS, extension]))).toEqual({ ...USUAL, unusual: true });
});

test('a hello that is cut short inside is none', () => {
  expect(readClientHello(helloWith([VERSIONS, [0, 99, 0, 9, 1]]))).toBe('other');
  expect(readClientHello(helloWith([VERSIONS, [0]]))).toBe('other');
});

test('any bytes are read without harm, and changed hellos, too', async () => {
  const hello = await helloOf({});
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void readClientHello(bytes)));
  fc.assert(fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, byte) => {
    const changed = hello.slice();
    changed[at] = byte;
    readClientHello(changed);
  }));
});
