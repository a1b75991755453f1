/** Reading into one memory, on real sockets: nothing is lost, whatever the reader does, and Node's internals are as expected. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { readInPlace } from '../src/read-in-place.ts';
import { connectedPair, block, open, until } from './support.ts';

async function pairOfSockets(): Promise<{ here: Socket; there: Socket }> {
  const server = createServer({ pauseOnConnect: true });
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const there = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const here = await accepted;
  onTestFinished(() => {
    here.destroy();
    there.destroy();
    server.close();
  });
  return { here, there };
}

it('is how this Node reads accepted sockets: each read is in the same memory', async () => {
  const { here, there } = await pairOfSockets();
  const buffers = new Set<ArrayBufferLike>();
  let length = 0;
  const inPlace = readInPlace(here, (bytes) => {
    buffers.add(bytes.buffer);
    length += bytes.length;
  });
  here.resume();
  for (let i = 0; i < 50; i++) there.write(new Uint8Array(20_000));
  await until(() => length === 1_000_000);
  expect(inPlace).toBe(true);
  expect(buffers.size).toBe(1);
});

it('holds back what comes while the socket is paused, and keeps the order', async () => {
  const { here, there } = await pairOfSockets();
  const taken: number[] = [];
  readInPlace(here, (bytes) => {
    taken.push(...bytes);
    here.pause();
    setImmediate(() => here.resume());
  });
  here.resume();
  const sent: number[] = [];
  for (let i = 0; i < 2000; i++) {
    sent.push(i & 0xff);
    there.write(Uint8Array.of(i & 0xff));
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => taken.length === sent.length);
  expect(taken).toEqual(sent);
});

it('tells the end, after all that came before', async () => {
  const { here, there } = await pairOfSockets();
  let length = 0;
  let lengthAtEnd = -1;
  readInPlace(here, (bytes) => (length += bytes.length));
  here.on('end', () => (lengthAtEnd = length)).resume();
  there.end(new Uint8Array(300_000));
  await until(() => lengthAtEnd >= 0);
  expect(lengthAtEnd).toBe(300_000);
});

it('reads as usual where a socket has no place for it', async () => {
  const { here, there } = await pairOfSockets();
  Object.defineProperty(here, Object.getOwnPropertySymbols(here).find((each) => each.description === 'kBuffer')!, { value: 'in use' });
  const taken: number[] = [];
  // A socket whose reads go elsewhere already gets nothing here; what matters is that it is left alone.
  expect(readInPlace(here, (bytes) => taken.push(...bytes))).toBe(false);
  there.destroy();
});

it('stops a TLS connection at once, although records were decrypted together', async () => {
  const { client, server } = await connectedPair();
  const firsts: number[] = [];
  server.start({
    block(each) {
      firsts.push(each[0]!);
      server.pause();
    },
    drained: () => undefined,
    closed: () => undefined,
  });
  open(client);
  for (let i = 0; i < 12; i++) client.write(block(i));
  for (let i = 1; i <= 12; i++) {
    await until(() => firsts.length >= i);
    await new Promise((resolve) => setImmediate(resolve));
    expect(firsts).toHaveLength(i);
    server.resume();
  }
  expect(firsts).toEqual(Array.from({ length: 12 }, (_, i) => i));
});
