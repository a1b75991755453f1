/**
 * The counts of the whole token store. They change in memory during a group of steps and are written with it; when the
 * group fails they fall back to what is stored. Reading them costs nothing.
 */
import type { SubscriptionStatus, TokenCounts, TokenStatus } from '@polyplex/store-contract';
import type { TokenTables } from './tables.ts';
import { type CountsRow, statusNumber, SUBSCRIPTION_STATUSES, TOKEN_STATUSES } from './value-formats.ts';

const COUNTS_KEY = new Uint8Array([1]);

interface Working {
  tokens: number[];
  subscriptions: number[];
  notifications: number;
  due: number;
  relays: number;
}

const NOTHING: CountsRow = {
  tokens: TOKEN_STATUSES.map(() => 0), subscriptions: SUBSCRIPTION_STATUSES.map(() => 0), notifications: 0, due: 0, relays: 0,
};

const copyOf = ({ tokens, subscriptions, ...rest }: CountsRow): Working => ({ tokens: [...tokens], subscriptions: [...subscriptions], ...rest });

export class TokenCounters {
  private readonly tables: TokenTables;
  private stored: CountsRow;
  private working: Working;
  private changed = false;

  constructor(tables: TokenTables) {
    this.tables = tables;
    this.stored = tables.counts.get(COUNTS_KEY) ?? NOTHING;
    this.working = copyOf(this.stored);
  }

  /** As of the last commit. */
  committed(): Omit<TokenCounts, 'oldestDue'> {
    const { tokens, subscriptions, notifications, due } = this.stored;
    return {
      tokens: sum(tokens), subscriptions: sum(subscriptions), notifications, due,
      tokensByStatus: byName(TOKEN_STATUSES, tokens), subscriptionsByStatus: byName(SUBSCRIPTION_STATUSES, subscriptions),
    };
  }

  begin(): void {
    if (this.changed) this.working = copyOf(this.stored);
    this.changed = false;
  }

  beforeCommit(): void {
    if (this.changed) this.tables.counts.put(COUNTS_KEY, this.working);
  }

  groupCommitted(): void {
    if (this.changed) this.stored = copyOf(this.working);
    this.changed = false;
  }

  token(status: TokenStatus, difference: 1 | -1): void {
    const number = TOKEN_STATUSES.indexOf(status);
    this.working.tokens[number] = this.working.tokens[number]! + difference;
    this.changed = true;
  }

  subscriptions(status: SubscriptionStatus, difference: number): void {
    if (difference === 0) return;
    const number = statusNumber(status);
    this.working.subscriptions[number] = this.working.subscriptions[number]! + difference;
    this.changed = true;
  }

  add(name: 'notifications' | 'due', difference: number): void {
    if (difference === 0) return;
    this.working[name] += difference;
    this.changed = true;
  }

  /** A number that no relay has. */
  nextRelay(): number {
    this.changed = true;
    return this.working.relays++;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function byName(names: readonly string[], numbers: readonly number[]): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, numbers[i] ?? 0] as const).filter(([, count]) => count > 0));
}
