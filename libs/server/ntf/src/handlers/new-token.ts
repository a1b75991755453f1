/** TNEW: register a device, or hear again what was lost of an earlier answer or push (NTF §2.4). */
import { ID_LENGTH } from '@polyplex/base';
import { agree, equalSecret, generateKeyPair, type KeyPair, randomBytes } from '@polyplex/crypto';
import { AUTH_ERROR, deviceOf, type NtfReply } from '@polyplex/protocol-ntf';
import type { Device, NewToken, TokenRecord } from '@polyplex/store-contract';
import { isAuthorized } from '../authorize.ts';
import type { SessionContext, SessionHandler } from '../context.ts';
import { INTERNAL } from '../failure.ts';
import { countFor } from './counting.ts';
import { checkDevice, refuseToken } from './device-policy.ts';

export const CODE_BYTES = 32;
/** Ids are random: more than one attempt is needed only when a token comes or goes at the same time. */
const ATTEMPTS = 4;

function idsReply(token: TokenRecord): NtfReply {
  return { tag: 'IDTKN', tokenId: token.tokenId, dhKey: token.dhKeys.publicKey };
}

interface Agreement {
  readonly dhKeys: KeyPair<'x25519'>;
  readonly dhSecret: Uint8Array;
}

/** Null for a key that agrees on nothing. */
function agreeWith({ incoming: { command } }: SessionContext<'TNEW'>): Agreement | null {
  const dhKeys = generateKeyPair('x25519');
  const dhSecret = agree(dhKeys.privateKey, command.dhKey);
  return dhSecret === null ? null : { dhKeys, dhSecret };
}

export const newToken: SessionHandler<'TNEW'> = async (context) => {
  const { proxy, session, incoming } = context;
  const { command } = incoming;
  if (!isAuthorized(session, incoming, command.authKey)) return refuseToken(proxy, 'auth', AUTH_ERROR);
  const refusal = checkDevice(proxy, session, command.device);
  if (refusal !== null) return refusal;
  const device = deviceOf(command.device);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const known = await proxy.store.findTokenOf(device, command.authKey);
    const reply = known === null ? await create(context, device) : await repeat(context, known);
    if (reply !== null) return reply;
  }
  return INTERNAL;
};

/** Null: another attempt is needed. */
async function create(context: SessionContext<'TNEW'>, device: Device): Promise<NtfReply | null> {
  const { proxy, incoming: { command } } = context;
  const { store, stats, clock, options } = proxy;
  if (!options.newTokens) return refuseToken(proxy, 'off', AUTH_ERROR);
  const agreement = agreeWith(context);
  if (agreement === null) return refuseToken(proxy, 'auth', AUTH_ERROR);
  const token: NewToken = { tokenId: randomBytes(ID_LENGTH), device, authKey: command.authKey, ...agreement, code: randomBytes(CODE_BYTES) };
  const created = await store.createToken(token, clock.now());
  if (created.status !== 'created') return null;
  countFor(device, stats.tokensCreated, stats.verificationsQueued);
  return idsReply(created.token);
}

/** The client must come with the key of the first time: whoever cannot is not the one who will read the pushes. */
async function repeat({ proxy, incoming: { command } }: SessionContext<'TNEW'>, known: TokenRecord): Promise<NtfReply | null> {
  const secret = agree(known.dhKeys.privateKey, command.dhKey);
  if (secret === null || !equalSecret(secret, known.dhSecret)) return refuseToken(proxy, 'auth', AUTH_ERROR);
  const registered = await proxy.store.registerAgain(known.tokenId, proxy.clock.now());
  if (registered === null) return null;
  countFor(registered.device, proxy.stats.verificationsQueued);
  return idsReply(registered);
}
