/** The client against a proxy that follows a script: odd hellos and answers, silence, bounds (NTF §1.3, §1.5, §2.1). */
import { EMPTY_BYTES, utf8 } from '@polyplex/base';
import { encodeSignedKey, fingerprintOf, generateKeyPair, randomBytes } from '@polyplex/crypto';
import { type BlockConnection, openHandshakeBlock } from '@polyplex/protocol-common';
import {
  errorReply, ntfBatching, ntfBlocks, ntfClientHello, ntfHandshakeBlock, type NtfReply, ntfServerHello, type NtfServerHello, readNtfTransmission, replyTransmission,
} from '@polyplex/protocol-ntf';
import { connectionPair, createFakeClock } from '@polyplex/testing';
import { describe, expect, it } from 'vitest';
import { connectNtf, type ConnectNtfOptions, type NtfClient, pingProxy } from '../../src/index.ts';
import { relayCredentials as credentials } from '../scripted-relay.ts';

const address = { hosts: ['127.0.0.1'], port: '443', keyHash: fingerprintOf(credentials.chain)! };
const sessionKeys = generateKeyPair('x25519');

interface Asked {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly command: string;
}

interface Script {
  readonly hello?: (hello: NtfServerHello) => NtfServerHello;
  /** Instead of a hello. */
  readonly first?: Uint8Array;
  readonly asked?: (request: Asked, say: (reply: NtfReply, parts?: Partial<Asked>) => void, connection: BlockConnection) => void;
}

async function connect(script: Script = {}, options: Partial<ConnectNtfOptions> = {}): Promise<NtfClient> {
  const ends = connectionPair({ alpn: 'ntf/1', blockBytes: 512, serverChain: credentials.chain, ...(options.clock === undefined ? {} : { clock: options.clock }) });
  const { server } = ends;
  let version = 0;
  server.start({
    block(block) {
      if (version === 0) {
        version = openHandshakeBlock(ntfClientHello, block)!.version;
        return;
      }
      for (const item of ntfBatching(version).read(ntfBlocks(version).open(block)!)!) {
        const { corrId, entityId, command } = readNtfTransmission(item, version)!;
        const request = { corrId: Uint8Array.from(corrId), entityId: Uint8Array.from(entityId), command: Buffer.from(command.subarray(0, 4)).toString() };
        script.asked?.(request, (reply, parts = {}) => {
          server.write(ntfBlocks(version).seal([replyTransmission(reply, { sessionId: server.sessionId, ...request, ...parts }, version)]));
        }, server);
      }
    },
    drained: () => undefined,
    closed: () => undefined,
  });
  const plain = { versions: { min: 1, max: 3 }, sessionId: server.sessionId, signedKey: encodeSignedKey(sessionKeys.publicKey, credentials.privateKey) };
  server.write(script.first ?? ntfHandshakeBlock(ntfServerHello, script.hello?.(plain) ?? plain));
  return connectNtf({ address, dial: () => Promise.resolve(ends.client), ...options });
}

describe('hellos that end the attempt', () => {
  it.each<[string, Script]>([
    ['another session id', { hello: (hello) => ({ ...hello, sessionId: randomBytes(32) }) }],
    ['no common version', { hello: (hello) => ({ ...hello, versions: { min: 4, max: 9 } }) }],
    ['a key that another leaf signed', { hello: (hello) => ({ ...hello, signedKey: encodeSignedKey(sessionKeys.publicKey, generateKeyPair('ed25519').privateKey) }) }],
    ['no key', { hello: (hello) => ({ ...hello, signedKey: EMPTY_BYTES }) }],
    ['garbage', { first: new Uint8Array(512).fill(0xff) }],
  ])('%s', async (_, script) => {
    await expect(connect(script)).rejects.toMatchObject({ code: 'TRANSPORT' });
  });

  it('none at all', async () => {
    const clock = createFakeClock();
    const ends = connectionPair({ alpn: 'ntf/1', blockBytes: 512, clock });
    const attempt = connectNtf({ address, dial: () => Promise.resolve(ends.client), clock, connectTimeoutMs: 1000 });
    const failed = expect(attempt).rejects.toMatchObject({ code: 'TIMEOUT' });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1000);
    await failed;
    expect(clock.pending).toBe(0);
  });

  it.each(['before', 'after'] as const)('an attempt that is given up, %s the connection stands', async (when) => {
    const ends = connectionPair({ alpn: 'ntf/1', blockBytes: 512 });
    const abort = new AbortController();
    const failed = expect(connectNtf({ address, dial: () => Promise.resolve(ends.client), signal: abort.signal })).rejects.toMatchObject({ code: 'CLOSED' });
    if (when === 'after') await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await failed;
  });
});

describe('answers', () => {
  it('come by corrId, in any order and any block', async () => {
    const waiting: (() => void)[] = [];
    const client = await connect({
      asked: (_, say) => {
        waiting.unshift(() => say({ tag: 'PONG' }));
        if (waiting.length === 3) for (const answer of waiting) answer();
      },
    });
    const answers = await client.requestBatch([{ command: { tag: 'PING' } }, { command: { tag: 'PING' } }, { command: { tag: 'PING' } }]);
    expect(answers).toEqual([{ tag: 'PONG' }, { tag: 'PONG' }, { tag: 'PONG' }]);
  });

  it.each<[string, NtfReply, Partial<Asked>, string]>([
    ['an entity where there must be none', { tag: 'PONG' }, { entityId: randomBytes(24) }, 'RESPONSE'],
    ['no entity where there must be one', { tag: 'OK' }, {}, 'RESPONSE'],
  ])('%s', async (_, reply, parts, code) => {
    const client = await connect({ asked: (__, say) => say(reply, parts) });
    await expect(client.request({ tag: 'PING' })).rejects.toMatchObject({ code });
  });

  it('of another kind, of another entity, and refusals', async () => {
    const key = generateKeyPair('ed25519').privateKey;
    const entityId = randomBytes(24);
    const replies: ((say: (reply: NtfReply, parts?: Partial<Asked>) => void) => void)[] = [
      (say) => say({ tag: 'PONG' }, { entityId: EMPTY_BYTES }), (say) => say({ tag: 'OK' }, { entityId: randomBytes(24) }), (say) => say(errorReply({ type: 'AUTH' }), { entityId: EMPTY_BYTES }),
    ];
    const client = await connect({ asked: (_, say) => replies.shift()!(say) });
    const ask = () => client.request({ tag: 'TDEL' }, { entityId, key });
    expect(await ask()).toEqual({ tag: 'PONG' });
    await expect(ask()).rejects.toMatchObject({ code: 'UNEXPECTED' });
    expect(await ask()).toEqual({ tag: 'ERR', error: { type: 'AUTH' } });
    await expect(pingProxy(await connect({ asked: (_, say) => say({ tag: 'OK' }, { entityId: utf8('x') }) }))).rejects.toMatchObject({ code: 'UNEXPECTED' });
  });

  it('that do not come in time, and come late', async () => {
    const clock = createFakeClock();
    let late = (): void => undefined;
    let asked = 0;
    const client = await connect({ asked: (_, say) => (asked++ === 0 ? (late = () => say({ tag: 'PONG' })) : say({ tag: 'PONG' })) }, { clock, requestTimeoutMs: 500 });
    const failed = expect(client.request({ tag: 'PING' })).rejects.toMatchObject({ code: 'TIMEOUT' });
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
    await failed;
    late();
    expect(await client.request({ tag: 'PING' })).toEqual({ tag: 'PONG' });
    expect(client.pendingCount).toBe(0);
  });

  it('in a block that cannot be read: the session ends', async () => {
    const client = await connect({ asked: (_, __, connection) => void connection.write(new Uint8Array(512).fill(0xff)) });
    await expect(client.request({ tag: 'PING' })).rejects.toMatchObject({ code: 'TRANSPORT' });
    await expect(client.request({ tag: 'PING' })).rejects.toMatchObject({ code: 'TRANSPORT' });
    expect(await client.closed).toBe('error');
  });
});

describe('bounds', () => {
  it('requests that wait', async () => {
    const client = await connect({}, { maxPending: 2 });
    const answers = client.requestBatch(Array.from({ length: 3 }, () => ({ command: { tag: 'PING' } as const })));
    expect(client.pendingCount).toBe(2);
    client.close();
    expect((await answers).map((answer) => ('code' in answer ? answer.code : answer.tag))).toEqual(['CLOSED', 'CLOSED', 'BUSY']);
    await expect(client.request({ tag: 'PING' })).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('a command that fits no block', async () => {
    const client = await connect();
    const request = client.request({ tag: 'TVFY', code: randomBytes(255) }, { entityId: randomBytes(255), corrId: randomBytes(24), key: generateKeyPair('ed25519').privateKey });
    await expect(request).rejects.toMatchObject({ code: 'TRANSPORT', broker: { error: 'LARGE_MSG' } });
  });

  it('blocks wait while the connection does not take them', async () => {
    let asked = 0;
    const client = await connect({ asked: (_, say) => { asked++; say({ tag: 'PONG' }); } });
    const answers = await client.requestBatch(Array.from({ length: 1000 }, () => ({ command: { tag: 'PING' } as const })));
    expect([asked, answers.every((answer) => 'tag' in answer && answer.tag === 'PONG')]).toEqual([1000, true]);
  });
});
