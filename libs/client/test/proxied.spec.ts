/** Private routing as clients use it (SMP §7): what is checked of the relay, what is sealed, which errors are whose. */
import { afterEach, describe, expect, it } from 'vitest';
import { agree, boxKeyOf, fingerprintOf, generateKeyPair, randomBytes, verify } from '@polyplex/crypto';
import { authorizedBytes, readTransmission, signedPart, writeTransmission } from '@polyplex/protocol-common';
import { type CommandOf, encodeReply, openInner, readCommand, type ReplyOf, sealInnerResponse, type SmpReply } from '@polyplex/protocol-smp';
import { openProxySession, ProxiedRequester, secureBySender, sendMessage, type SmpClient } from '../src/index.ts';
import { type Asked, otherCredentials, relayAddress, relayCredentials, signedKey, stage, turns } from './scripted-relay.ts';

const id = (byte: number): Uint8Array => new Uint8Array(24).fill(byte);

const opened: SmpClient[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

interface Inner {
  readonly tag: string;
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly auth: Uint8Array;
  readonly signed: Uint8Array;
  readonly version: number;
}

/** A proxy and the relay behind it in one: it opens what only the relay could. */
class FarRelay {
  readonly keys = generateKeyPair('x25519');
  readonly sessionId = randomBytes(32);
  readonly inner: Inner[] = [];
  /** Changes PKEY. */
  pkey: (reply: ReplyOf<'PKEY'>) => SmpReply = (reply) => reply;
  /** Answers the inner command. */
  reply: (inner: Inner) => SmpReply = () => ({ tag: 'OK' });
  /** Changes what the relay says of its answer. */
  address: (parts: { corrId: Uint8Array; entityId: Uint8Array }) => typeof parts = (parts) => parts;
  /** An answer of the proxy in place of the relay's. */
  outer: SmpReply | null = null;

  readonly answer = ({ command, corrId, entityId }: Asked): SmpReply => {
    if (command.tag === 'PRXY') {
      const key = { chain: relayCredentials.chain, signedKey: signedKey(this.keys.publicKey) };
      return this.pkey({ tag: 'PKEY', sessionId: this.sessionId, versions: { min: 8, max: 17 }, key });
    }
    if (this.outer !== null) return this.outer;
    expect(entityId).toEqual(this.sessionId);
    return this.forward(command as CommandOf<'PFWD'>, corrId);
  };

  private forward({ version, key, encTransmission }: CommandOf<'PFWD'>, nonce: Uint8Array): SmpReply {
    const boxKey = boxKeyOf(agree(this.keys.privateKey, key)!);
    const content = openInner(boxKey, nonce, encTransmission);
    if ('error' in content) throw new Error(content.error);
    const { corrId, entityId, auth, signed, command } = readTransmission(content.transmission, version)!;
    const read = readCommand(command, version);
    if (typeof read === 'string') throw new Error(read);
    expect(corrId).toEqual(nonce);
    const inner = { tag: read.tag, corrId, entityId, auth, signed, version };
    this.inner.push(inner);
    const parts = this.address({ corrId, entityId });
    const answer = writeTransmission({ sessionId: this.sessionId, signed: signedPart(parts.corrId, parts.entityId, encodeReply(this.reply(inner), version)) }, version);
    return { tag: 'PRES', encResponse: sealInnerResponse(boxKey, nonce, answer)! };
  }
}

async function connect(): Promise<{ far: FarRelay; client: SmpClient; asked: readonly Asked[] }> {
  const far = new FarRelay();
  const { client, relay } = await stage({ answer: far.answer });
  opened.push(client);
  return { far, client, asked: relay.asked };
}

describe('opening a session', () => {
  it('asks for the relay, with the proxy’s password', async () => {
    const { far, client, asked } = await connect();
    const session = await openProxySession(client, relayAddress, { password: 'secret' });
    expect(asked[0]).toMatchObject({ command: { tag: 'PRXY', server: relayAddress, password: 'secret' }, auth: new Uint8Array(0), entityId: new Uint8Array(0) });
    expect(session).toMatchObject({ version: 17, relaySessionId: far.sessionId });
  });

  it('agrees on the highest version that both know', async () => {
    const { client } = await connect();
    expect((await openProxySession(client, relayAddress, { versions: { min: 6, max: 12 } })).version).toBe(12);
    await expect(openProxySession(client, relayAddress, { versions: { min: 18, max: 18 } })).rejects.toMatchObject({ broker: { error: 'VERSION' } });
  });

  it.each<readonly [string, (reply: ReplyOf<'PKEY'>, far: FarRelay) => SmpReply]>([
    ['the chain of another relay', (reply) => ({ ...reply, key: { ...reply.key, chain: otherCredentials.chain } })],
    ['a chain of the id certificate alone', (reply) => ({ ...reply, key: { ...reply.key, chain: relayCredentials.chain.slice(1) } })],
    ['a leaf that the id certificate did not sign', (reply) => ({ ...reply, key: { ...reply.key, chain: [otherCredentials.chain[0]!, relayCredentials.chain[1]!] } })],
    ['a key that the leaf did not sign', (reply, far) => ({ ...reply, key: { ...reply.key, signedKey: signedKey(far.keys.publicKey, otherCredentials.privateKey) } })],
  ])('%s is not the relay', async (_, pkey) => {
    const { far, client } = await connect();
    far.pkey = (reply) => pkey(reply, far);
    await expect(openProxySession(client, relayAddress)).rejects.toMatchObject({ code: 'TRANSPORT', broker: { type: 'TRANSPORT', error: 'HANDSHAKE IDENTITY' } });
  });

  it('a relay with another fingerprint is not the relay', async () => {
    const { client } = await connect();
    await expect(openProxySession(client, { ...relayAddress, keyHash: fingerprintOf(otherCredentials.chain)! })).rejects.toMatchObject({ code: 'TRANSPORT' });
  });

  it('fails with the proxy’s error', async () => {
    const { far, client } = await connect();
    far.pkey = () => ({ tag: 'ERR', error: { type: 'PROXY', error: { type: 'BROKER', error: { type: 'TIMEOUT' } } } });
    await expect(openProxySession(client, relayAddress)).rejects.toMatchObject({ code: 'PROXY', error: { error: { type: 'BROKER' } }, isSessionGone: false });
  });
});

describe('a forwarded command', () => {
  it('is sealed for the relay, and signed for the session of proxy and relay', async () => {
    const { far, client, asked } = await connect();
    const session = await openProxySession(client, relayAddress);
    const keys = generateKeyPair('ed25519');
    await secureBySender(session, id(2), keys);
    await sendMessage(session, { senderId: id(2), key: keys.privateKey }, new Uint8Array(16_048));
    expect(far.inner.map(({ tag, entityId, version }) => [tag, entityId, version])).toEqual([['SKEY', id(2), 17], ['SEND', id(2), 17]]);
    for (const { auth, signed } of far.inner) expect(verify(keys.publicKey, authorizedBytes(far.sessionId, signed), auth)).toBe(true);
    const forwarded = asked.slice(1).map(({ command }) => command as CommandOf<'PFWD'>);
    expect(forwarded.map(({ encTransmission }) => encTransmission.length)).toEqual([16_242, 16_242]);
    expect(forwarded[0]!.key).not.toEqual(forwarded[1]!.key);
  });

  it('authenticators are made with the relay’s key', async () => {
    const { far, client } = await connect();
    const session = await openProxySession(client, relayAddress);
    await session.request({ tag: 'SEND', notify: false, body: id(1) }, { entityId: id(2), key: generateKeyPair('x25519').privateKey });
    expect(far.inner[0]!.auth).toHaveLength(80);
  });

  it('gets the relay’s answer, errors included', async () => {
    const { far, client } = await connect();
    const session = await openProxySession(client, relayAddress);
    far.reply = () => ({ tag: 'ERR', error: { type: 'QUOTA' } });
    expect(await session.request({ tag: 'LGET' }, { entityId: id(2) })).toEqual({ tag: 'ERR', error: { type: 'QUOTA' } });
    await expect(sendMessage(session, { senderId: id(2), key: null }, id(1))).rejects.toMatchObject({ code: 'REFUSED', error: { type: 'QUOTA' } });
  });

  it('the proxy’s own errors are told apart', async () => {
    const { far, client } = await connect();
    const session = await openProxySession(client, relayAddress);
    far.outer = { tag: 'ERR', error: { type: 'CRYPTO' } };
    await expect(session.request({ tag: 'LGET' }, { entityId: id(2) })).rejects.toMatchObject({ code: 'PROXY', error: { type: 'CRYPTO' } });
    far.outer = { tag: 'PRES', encResponse: new Uint8Array(16_242) };
    await expect(session.request({ tag: 'LGET' }, { entityId: id(2) })).rejects.toMatchObject({ code: 'RESPONSE' });
    far.outer = { tag: 'OK' };
    await expect(session.request({ tag: 'LGET' }, { entityId: id(2) })).rejects.toMatchObject({ code: 'UNEXPECTED' });
  });

  it.each([
    ['corrId', (parts: { corrId: Uint8Array; entityId: Uint8Array }) => ({ ...parts, corrId: id(9) })],
    ['entity', (parts: { corrId: Uint8Array; entityId: Uint8Array }) => ({ ...parts, entityId: id(9) })],
  ] as const)('an answer with another %s is not ours', async (_, address) => {
    const { far, client } = await connect();
    const session = await openProxySession(client, relayAddress);
    far.address = address;
    await expect(session.request({ tag: 'SEND', notify: false, body: id(1) }, { entityId: id(2) })).rejects.toMatchObject({ code: 'UNEXPECTED' });
  });

  it('that does not fit is refused here', async () => {
    const { client } = await connect();
    const session = await openProxySession(client, relayAddress);
    const large = session.request({ tag: 'SEND', notify: false, body: new Uint8Array(16_200) }, { entityId: id(2) });
    await expect(large).rejects.toMatchObject({ broker: { error: 'LARGE_MSG' } });
  });
});

describe('ProxiedRequester', () => {
  const NO_SESSION: SmpReply = { tag: 'ERR', error: { type: 'PROXY', error: { type: 'NO_SESSION' } } };

  it('opens one session for all who ask', async () => {
    const { far, client, asked } = await connect();
    const relay = new ProxiedRequester(client, relayAddress);
    await Promise.all([1, 2, 3].map((n) => relay.request({ tag: 'LGET' }, { entityId: id(n) })));
    expect(asked.filter(({ command }) => command.tag === 'PRXY')).toHaveLength(1);
    expect(far.inner).toHaveLength(3);
  });

  it('opens it again, once, when the proxy forgot it', async () => {
    const { far, client, asked } = await connect();
    const relay = new ProxiedRequester(client, relayAddress);
    await relay.session();
    far.outer = NO_SESSION;
    const usual = far.pkey;
    far.pkey = (reply) => {
      far.outer = null;
      return usual(reply);
    };
    expect(await relay.request({ tag: 'LGET' }, { entityId: id(1) })).toEqual({ tag: 'OK' });
    expect(asked.map(({ command }) => command.tag)).toEqual(['PRXY', 'PFWD', 'PRXY', 'PFWD']);

    far.outer = NO_SESSION;
    far.pkey = usual;
    await expect(relay.request({ tag: 'LGET' }, { entityId: id(1) })).rejects.toMatchObject({ code: 'PROXY', isSessionGone: true });
  });

  it('does not keep a failed attempt', async () => {
    const { far, client } = await connect();
    const relay = new ProxiedRequester(client, relayAddress);
    const usual = far.pkey;
    far.pkey = () => ({ tag: 'ERR', error: { type: 'PROXY', error: { type: 'BASIC_AUTH' } } });
    await expect(relay.request({ tag: 'LGET' }, { entityId: id(1) })).rejects.toMatchObject({ code: 'PROXY' });
    await turns(1);
    far.pkey = usual;
    expect(await relay.request({ tag: 'LGET' }, { entityId: id(1) })).toEqual({ tag: 'OK' });
  });
});
