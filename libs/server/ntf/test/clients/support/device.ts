/** What apps do: register a device, read its code (as from a push), verify it, subscribe. */
import { utf8 } from '@polyplex/base';
import { agree, generateKeyPair, type KeyPair, randomBytes } from '@polyplex/crypto';
import type { DeviceToken, NtfCommandOf, NtfReply } from '@polyplex/protocol-ntf';
import type { TokenStore } from '@polyplex/store-contract';
import { type RawClient, said } from './raw-client.ts';

let made = 0;

/** A device that nobody had before. */
export function newDevice(provider: 'apns_dev' | 'apns_prod' | 'apns_test' = 'apns_prod'): DeviceToken {
  return { provider, token: utf8(`device${String(++made)}`) };
}

export interface App {
  readonly device: DeviceToken;
  readonly authKeys: KeyPair<'ed25519' | 'ed448' | 'x25519'>;
  readonly dhKeys: KeyPair<'x25519'>;
}

export function newApp(kind: 'ed25519' | 'ed448' | 'x25519' = 'ed25519', device = newDevice()): App {
  return { device, authKeys: generateKeyPair(kind), dhKeys: generateKeyPair('x25519') };
}

export function tnew({ device, authKeys, dhKeys }: App): NtfCommandOf<'TNEW'> {
  return { tag: 'TNEW', device, authKey: authKeys.publicKey, dhKey: dhKeys.publicKey };
}

export interface Token extends App {
  readonly tokenId: Uint8Array;
  readonly secret: Uint8Array;
  /** For commands on it. */
  readonly sent: { readonly entityId: Uint8Array; readonly key: App['authKeys']['privateKey'] };
}

export async function register(client: RawClient, app = newApp()): Promise<Token> {
  const reply = await client.ask(tnew(app), { key: app.authKeys.privateKey });
  if (reply.tag !== 'IDTKN') throw new Error(said(reply));
  const tokenId = Uint8Array.from(reply.tokenId);
  return { ...app, tokenId, secret: agree(app.dhKeys.privateKey, reply.dhKey)!, sent: { entityId: tokenId, key: app.authKeys.privateKey } };
}

/** What a push would have brought. */
export async function codeOf(store: TokenStore, { tokenId }: Pick<Token, 'tokenId'>): Promise<Uint8Array> {
  return (await store.findToken(tokenId))!.code;
}

export async function verify(client: RawClient, store: TokenStore, token: Token): Promise<NtfReply> {
  return client.ask({ tag: 'TVFY', code: await codeOf(store, token) }, token.sent);
}

export async function activeToken(client: RawClient, store: TokenStore, app = newApp()): Promise<Token> {
  const token = await register(client, app);
  const reply = await verify(client, store, token);
  if (reply.tag !== 'OK') throw new Error(said(reply));
  return token;
}

export const RELAY = { hosts: ['smp.example'], port: '5223', keyHash: new Uint8Array(32).fill(9) };

export function snew({ tokenId }: Pick<Token, 'tokenId'>, parts: Partial<NtfCommandOf<'SNEW'>> = {}): NtfCommandOf<'SNEW'> {
  return { tag: 'SNEW', tokenId, relay: RELAY, notifierId: randomBytes(24), notifierKey: generateKeyPair('ed25519').privateKey, ...parts };
}

export async function subscribe(client: RawClient, token: Token, command = snew(token)): Promise<Uint8Array> {
  const reply = await client.ask(command, { key: token.sent.key });
  if (reply.tag !== 'IDSUB') throw new Error(said(reply));
  return Uint8Array.from(reply.subscriptionId);
}
