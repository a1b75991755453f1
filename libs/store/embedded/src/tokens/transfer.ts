/** Reading and writing whole tokens, for moving to another engine. A page is read at one moment; a token is written in one step. */
import { copyBytes } from '@polyplex/base';
import { isId, owned } from '@polyplex/store-common';
import { StoreError, type SubscriptionRecord, type TokenTransfer, type WholeToken } from '@polyplex/store-contract';
import { cursorAfter, startOf } from '../cursors.ts';
import { answer, attempt, guarded, now, present } from '../engine.ts';
import type { Row } from '../tables.ts';
import { idlePush, pushOf } from './due.ts';
import {
  GROWS, idWith, lastNotificationsOf, subscriptionAt, tellDue, tellNew, type TokenEngine, tokenRecordOf, tokenRowOf, withRelays,
} from './engine.ts';
import { isTokenWith, OpenToken } from './open-token.ts';
import { numberOf } from './relay-rows.ts';
import { areFree, putSubscription } from './subscriptions.ts';
import { placeOf, placesOf } from './tables.ts';
import type { TokenRow } from './value-formats.ts';

const ROWS_PER_PAGE = 200;

type Page = Awaited<ReturnType<TokenTransfer['wholeTokens']>>;
type Put = Awaited<ReturnType<TokenTransfer['putToken']>>;

export function createTokenTransfer(engine: TokenEngine): TokenTransfer {
  return {
    async wholeTokens(after, limit) {
      const page = await now(engine, () => read(engine, startOf(after), Math.min(limit, ROWS_PER_PAGE)));
      // Others have their turn: a walk takes one page after the other.
      await new Promise((resolve) => setImmediate(resolve));
      return page;
    },
    putToken: (token) => guarded(engine, () => put(engine, owned(token))),
  };
}

function read(engine: TokenEngine, start: Uint8Array, limit: number): Page {
  const rows = engine.tables.tokens.rows(start, undefined, limit);
  const tokens = rows.flatMap((row) => {
    const token = attempt(engine, () => wholeToken(engine, row));
    if (!(token instanceof StoreError)) return [token];
    engine.reportDamage();
    return [];
  });
  return { tokens, next: rows.length < limit ? null : cursorAfter(rows.at(-1)!.key) };
}

function wholeToken(engine: TokenEngine, { key: tokenId, value }: Row<TokenRow>): WholeToken {
  const { tables } = engine;
  const found = tables.pushes.get(tokenId);
  const { due, job } = found === null ? idlePush() : pushOf(found);
  return {
    token: tokenRecordOf(tokenId, present(value)),
    subscriptions: placesOf(tables, tokenId).map((place) => present(subscriptionAt(engine, place))),
    notifications: lastNotificationsOf(engine, tables.notifications.get(tokenId) ?? []),
    due: { verification: job?.verification ?? due.verification, messages: job?.messages ?? due.messages, check: job?.check ?? due.check },
  };
}

function put(engine: TokenEngine, whole: WholeToken): Promise<Put> {
  const { token, subscriptions } = whole;
  return engine.writes.run<Put>(() => {
    const found = engine.tables.tokens.get(token.tokenId);
    if (found !== null) return answer(isTokenWith(found, token) ? 'exists' : 'collision');
    if (!isId(token.tokenId) || idWith(engine, token.device, token.authKey) !== null) return answer('collision');
    if (!subscriptions.every((each) => isFree(engine, each))) return answer('collision');
    putWhole(engine, whole);
    return () => {
      for (const relay of new Set(subscriptions.map((each) => each.relay))) tellNew(engine, relay);
      tellDue(engine);
      return 'written';
    };
  }, GROWS);
}

function isFree(engine: TokenEngine, subscription: SubscriptionRecord): boolean {
  const number = numberOf(engine, subscription.relay);
  return areFree(engine, subscription) && (number === null || !engine.tables.subscriptions.has(placeOf(number, subscription.notifierId)));
}

function putWhole(engine: TokenEngine, { token, subscriptions, notifications, due }: WholeToken): void {
  const made = OpenToken.make(engine, copyBytes(token.tokenId), tokenRowOf(token));
  withRelays(engine, (relays) => {
    for (const subscription of subscriptions) putSubscription(engine, relays, subscription);
    if (notifications.length > 0) made.setNotifications(notifications.map(({ relay, ...rest }) => ({ ...rest, relay: relays.make(relay).number })));
  });
  Object.assign(made.push.due, due);
  made.save();
}
