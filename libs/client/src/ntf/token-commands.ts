/** A device's token, as its app handles it (NTF §2.4, §8). All throw `NtfRefusedError` for ERR, and `SmpClientError`. */
import { copyBytes } from '@polyplex/base';
import { agree, type BoxKey, boxKeyOf, type KeyPair, type PublicKey } from '@polyplex/crypto';
import type { DeviceToken, NtfReply, NtfReplyTag, NtfTokenStatus } from '@polyplex/protocol-ntf';
import { responseError } from '../client-error.ts';
import type { NtfClient } from './ntf-client.ts';
import { NtfRefusedError } from './ntf-error.ts';

/** Keys of one registration: kept, since TNEW without an answer is repeated with the same. */
export interface TokenKeys {
  readonly authKeys: KeyPair<'ed25519' | 'ed448' | 'x25519'>;
  readonly dhKeys: KeyPair<'x25519'>;
}

/** A token as its app holds it. */
export interface RegisteredToken {
  readonly tokenId: Uint8Array;
  readonly key: TokenKeys['authKeys']['privateKey'];
  /** Opens what pushes carry. */
  readonly boxKey: BoxKey;
}

/** The reply when it has the tag. */
export function expectNtfReply<const T extends NtfReplyTag>(reply: NtfReply, tag: T): Extract<NtfReply, { tag: T }> {
  if (reply.tag === tag) return reply as Extract<NtfReply, { tag: T }>;
  if (reply.tag === 'ERR') throw new NtfRefusedError(reply.error);
  throw responseError('UNEXPECTED', reply.tag);
}

/** TNEW: the code comes with a push to the device. */
export async function registerToken(client: NtfClient, device: DeviceToken, { authKeys, dhKeys }: TokenKeys): Promise<RegisteredToken> {
  const command = { tag: 'TNEW', device, authKey: authKeys.publicKey as PublicKey<'ed25519'>, dhKey: dhKeys.publicKey } as const;
  const { tokenId, dhKey } = expectNtfReply(await client.request(command, { key: authKeys.privateKey }), 'IDTKN');
  const secret = agree(dhKeys.privateKey, dhKey);
  if (secret === null) throw responseError('RESPONSE', 'key of IDTKN');
  return { tokenId: copyBytes(tokenId), key: authKeys.privateKey, boxKey: boxKeyOf(secret) };
}

type Token = Pick<RegisteredToken, 'tokenId' | 'key'>;

async function demandOk(client: NtfClient, command: Parameters<NtfClient['request']>[0], { tokenId, key }: Token): Promise<void> {
  expectNtfReply(await client.request(command, { entityId: tokenId, key }), 'OK');
}

/** TVFY */
export function verifyToken(client: NtfClient, token: Token, code: Uint8Array): Promise<void> {
  return demandOk(client, { tag: 'TVFY', code }, token);
}

/** TCHK */
export async function checkToken(client: NtfClient, { tokenId, key }: Token): Promise<NtfTokenStatus> {
  return expectNtfReply(await client.request({ tag: 'TCHK' }, { entityId: tokenId, key }), 'TKN').status;
}

/** TRPL: the token goes on with another device, once it is verified there. */
export function replaceToken(client: NtfClient, token: Token, device: DeviceToken): Promise<void> {
  return demandOk(client, { tag: 'TRPL', device }, token);
}

/** TDEL: with all subscriptions. */
export function deleteToken(client: NtfClient, token: Token): Promise<void> {
  return demandOk(client, { tag: 'TDEL' }, token);
}

/** TCRN: a push at least so often; 0 for none, else from 20. */
export function setCron(client: NtfClient, token: Token, minutes: number): Promise<void> {
  return demandOk(client, { tag: 'TCRN', minutes }, token);
}

/** PING */
export async function pingProxy(client: NtfClient): Promise<void> {
  expectNtfReply(await client.request({ tag: 'PING' }), 'PONG');
}
