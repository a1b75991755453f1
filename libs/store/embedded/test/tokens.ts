/** Tokens, subscriptions and notifications for tests of the token store, in processes of their own too. */
import { randomBytes } from 'node:crypto';
import type { NewSubscription, NewToken, ReceivedNotification, TokenStore, WholeToken } from '@polyplex/store-contract';

export const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));
export const RELAY = 'smp://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=@relay.example.com';

export function newToken(parts: Partial<NewToken> = {}): NewToken {
  const key = <K extends string>(kind: K) => ({ kind, raw: bytes(32) });
  return {
    tokenId: bytes(24), device: { provider: 'apns_prod', token: new TextEncoder().encode(randomBytes(32).toString('hex')) }, authKey: key('ed25519'),
    dhKeys: { publicKey: key('x25519'), privateKey: key('x25519') }, dhSecret: bytes(32), code: bytes(32), ...parts,
  };
}

export function newSubscription({ tokenId }: Pick<NewToken, 'tokenId'>, relay = RELAY): NewSubscription {
  return { subscriptionId: bytes(24), tokenId, relay, notifierId: bytes(24), notifierKey: bytes(48) };
}

export function newNotification({ notifierId }: Pick<NewSubscription, 'notifierId'>, receivedAt: number): ReceivedNotification {
  return { notifierId, nonce: bytes(24), meta: bytes(144), receivedAt };
}

/** All tokens with all they have. */
export async function everyToken(store: TokenStore): Promise<WholeToken[]> {
  const found: WholeToken[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<TokenStore['wholeTokens']>> = await store.wholeTokens(after, 500);
    found.push(...page.tokens);
    after = page.next;
  } while (after !== null);
  return found;
}
