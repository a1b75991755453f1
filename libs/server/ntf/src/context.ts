/** What every part of the client side shares, and what a handler is given. */
import type { Clock } from '@polyplex/base';
import type { NtfCommandOf, NtfCommandTag, NtfReply } from '@polyplex/protocol-ntf';
import type { RateLimit, Session } from '@polyplex/server-core';
import type { SubscriptionRecord, TokenRecord, TokenStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import type { Incoming } from './incoming.ts';
import type { NtfServerOptions } from './options.ts';
import type { NtfStats } from './stats.ts';

export interface PushProxy {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: NtfServerOptions;
  readonly stats: NtfStats;
  readonly limits: {
    readonly tokens: RateLimit<string>;
    readonly tokensInAll: RateLimit<string>;
    readonly subscriptions: RateLimit<string>;
  };
}

interface BaseContext<T extends NtfCommandTag> {
  readonly proxy: PushProxy;
  readonly session: Session;
  readonly incoming: Incoming<NtfCommandOf<T>>;
}

/** A command without an entity: it is authorised by its handler. */
export type SessionContext<T extends NtfCommandTag> = BaseContext<T>;
export type SessionHandler<T extends NtfCommandTag> = (context: SessionContext<T>) => Promise<NtfReply>;

interface TokenContext<T extends NtfCommandTag> extends BaseContext<T> {
  readonly token: TokenRecord;
}
export type TokenHandler<T extends NtfCommandTag> = (context: TokenContext<T>) => Promise<NtfReply>;

interface SubscriptionContext<T extends NtfCommandTag> extends TokenContext<T> {
  readonly subscription: SubscriptionRecord;
}
export type SubscriptionHandler<T extends NtfCommandTag> = (context: SubscriptionContext<T>) => Promise<NtfReply>;
