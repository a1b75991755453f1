/** Blocks of another size than SMP's, and other names for ALPN, as NTF has them (NTF §1.1, §1.2). */
import type { BlockConnection } from '@polyplex/protocol-common';
import { describe, expect, it } from 'vitest';
import { dialTls, dialWebSocket } from '../src/index.ts';
import { cleanup, dialOptions, listen, open } from './support.ts';

const SIZE = 512;
const block = (byte: number, size = SIZE): Uint8Array => new Uint8Array(size).fill(byte);

async function connect(kind: 'smp' | 'websocket', clientSize: number): Promise<{ client: BlockConnection; server: BlockConnection }> {
  const { port, next } = await listen({ kind, blockBytes: SIZE, protocols: ['ntf/1', 'http/1.1'] });
  const accepted = next();
  const dial = kind === 'smp' ? dialTls : dialWebSocket;
  const client = await dial(dialOptions(port, { alpn: [kind === 'smp' ? 'ntf/1' : 'http/1.1'], blockBytes: clientSize }));
  cleanup(() => client.destroy('local'));
  return { client, server: await accepted };
}

describe.each(['smp', 'websocket'] as const)('%s endpoint', (kind) => {
  it('blocks of 512 bytes arrive whole and in order, both ways', async () => {
    const { client, server } = await connect(kind, SIZE);
    const [toClient, toServer] = [open(client), open(server)];
    for (let i = 0; i < 40; i++) {
      client.write(block(i));
      server.write(block(100 + i));
    }
    await Promise.all([toClient.count(40), toServer.count(40)]);
    expect(toServer.blocks.map((each) => [each.length, each[0], each[SIZE - 1]])).toEqual(Array.from({ length: 40 }, (_, i) => [SIZE, i, i]));
    expect(toClient.blocks.map((each) => each[SIZE - 1])).toEqual(Array.from({ length: 40 }, (_, i) => 100 + i));
  });
});

it('a WebSocket message of another size ends the connection', async () => {
  const { client, server } = await connect('websocket', SIZE);
  const inbox = open(server);
  open(client);
  client.write(block(1, 16_384));
  expect(await inbox.closed).toBe('error');
  expect(inbox.blocks).toHaveLength(0);
});

it('names of other protocols are not known', async () => {
  const { port } = await listen({ blockBytes: SIZE, protocols: ['ntf/1'] });
  await expect(dialTls(dialOptions(port, { alpn: ['smp/1'] }))).rejects.toMatchObject({ code: 'TLS' });
});
