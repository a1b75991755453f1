/** The day of a token's last command (NTF §2.4): the store is told when it is a new one. */
import { unixDay } from '@polyplex/base';
import type { TokenRecord } from '@polyplex/store-contract';
import type { PushProxy } from './context.ts';

export async function touch({ store, clock }: PushProxy, token: TokenRecord): Promise<void> {
  const day = unixDay(clock);
  if (token.usedOn !== day) await store.touchToken(token.tokenId, day);
}
