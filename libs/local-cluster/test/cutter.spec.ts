/** The cut line: silence both ways without an end, and everything in order afterwards. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Cutter, startCutter, waitUntil } from '../src/index.ts';

let echo: Server;
let cutter: Cutter;
const accepted: Socket[] = [];
beforeEach(async () => {
  echo = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  cutter = await startCutter({ target: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  await cutter.stop();
  for (const socket of accepted.splice(0)) socket.destroy();
  echo.close();
});

/** A connection through the cutter, and all it has received. */
function dial() {
  const socket = connect(cutter.port, '127.0.0.1');
  let received = '';
  const events: string[] = [];
  socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
  socket.on('end', () => events.push('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => events.push(error.code!));
  socket.on('close', () => events.push('close'));
  const got = (text: string) => waitUntil(`receiving ${text}`, () => (received === text ? true : undefined), { intervalMs: 5 });
  return { socket, events, got, received: () => received };
}

test('cut holds bytes and ends both ways, heal delivers them in order', async () => {
  const { socket, events, got, received } = dial();
  socket.write('a');
  await got('a');
  cutter.cut();
  socket.write('b');
  accepted[0]!.write('c');
  const late = dial();
  late.socket.write('x');
  await sleep(100);
  expect([received(), late.received(), events, cutter.connections]).toEqual(['a', '', [], 2]);
  socket.write('d');
  cutter.heal();
  await late.got('x');
  await waitUntil('the rest', () => (received().length === 4 ? true : undefined));
  // What the two sides wrote meets at the echo in either order, each side's own order is kept.
  expect(received().replace('c', '')).toBe('abd');
  socket.end('e');
  await waitUntil('the end', () => (events.includes('close') ? true : undefined));
  expect([received().replace('c', ''), events]).toEqual(['abde', ['end', 'close']]);
});

test('drop resets, and the line is there for new connections', async () => {
  const { socket, events, got } = dial();
  socket.write('a');
  await got('a');
  cutter.drop();
  await waitUntil('the reset', () => (events.includes('close') ? true : undefined));
  expect(events).toEqual(['ECONNRESET', 'close']);
  const next = dial();
  next.socket.write('b');
  await next.got('b');
  next.socket.destroy();
});

test('delay counts both ways', async () => {
  const { socket, got } = dial();
  socket.write('a');
  await got('a');
  cutter.delay(100);
  const start = performance.now();
  socket.write('b');
  await got('ab');
  expect(performance.now() - start).toBeGreaterThanOrEqual(195);
  socket.destroy();
});

test('megabytes pass a slow reader whole', async () => {
  const { socket, received } = dial();
  const bytes = 'x'.repeat(4_000_000);
  socket.pause();
  socket.write(bytes);
  await sleep(50);
  socket.resume();
  await waitUntil('all bytes', () => (received().length === bytes.length ? true : undefined));
  socket.destroy();
});

test('a target that is away is a reset', async () => {
  echo.close();
  const { events } = dial();
  await waitUntil('the reset', () => (events.includes('close') ? true : undefined));
  expect(events).toContain('ECONNRESET');
});
