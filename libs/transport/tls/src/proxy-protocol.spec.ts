import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseProxyHeader } from './proxy-protocol.ts';

const V2 = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const V1_HEADER = Buffer.from('PROXY TCP4 198.51.100.7 192.0.2.1 4096 5223\r\n');

it('asks for more until the header is whole, and takes no byte beyond it', () => {
  const stream = Buffer.concat([V1_HEADER, Buffer.from('following')]);
  for (let length = 0; length < V1_HEADER.length; length++) {
    expect(parseProxyHeader(stream.subarray(0, length))).toEqual({ state: 'more' });
  }
  expect(parseProxyHeader(stream)).toEqual({ state: 'done', length: V1_HEADER.length, address: '198.51.100.7' });
});

it('never throws, and never claims more bytes than there are', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((rest) => Buffer.concat([V2, rest])),
    fc.string({ unit: 'binary', maxLength: 200 }).map((rest) => Buffer.from(`PROXY ${rest}\r\n`)),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      const header = parseProxyHeader(bytes);
      if (header.state === 'done') expect(header.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
