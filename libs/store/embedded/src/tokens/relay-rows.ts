/**
 * Relays in a step: each is read once, changed in memory, and written at the end of the step. What the loss of a connection
 * or service means for all subscriptions of a relay is one change here: rows that were written under an older epoch read
 * as what that made of them. So a relay with a million subscriptions goes away at the cost of one row.
 */
import type { RelayRecord, SubscriptionStatus } from '@polyplex/store-contract';
import { present } from '../engine.ts';
import type { TokenEngine } from './engine.ts';
import { nameKey, numberKey } from './tables.ts';
import { type RelayRow, statusNumber, type SubscriptionRow, SUBSCRIPTION_STATUSES, TO_MAKE } from './value-formats.ts';

type ToMake = 'NEW' | 'PENDING' | 'ACTIVE' | 'INACTIVE';
type Counts = Record<ToMake, number>;
const NAMES = SUBSCRIPTION_STATUSES.slice(0, TO_MAKE) as readonly ToMake[];
const NONE: Counts = { NEW: 0, PENDING: 0, ACTIVE: 0, INACTIVE: 0 };

/** What holds of a subscription now. */
export type State = Pick<SubscriptionRow, 'status' | 'inService'>;

export const isToMake = (status: SubscriptionStatus): status is ToMake => statusNumber(status) < TO_MAKE;

/** What a row says, with what happened to its relay since. */
export function stateOf(row: SubscriptionRow, relay: Pick<RelayRow, 'epoch' | 'serviceEpoch'>): State {
  const { status, inService, epoch } = row;
  if (inService) {
    if (epoch === relay.serviceEpoch) return { status, inService };
    return { status: isToMake(status) ? 'INACTIVE' : status, inService: false };
  }
  return { status: status === 'ACTIVE' && epoch !== relay.epoch ? 'INACTIVE' : status, inService };
}

const total = (counts: Counts): number => NAMES.reduce((sum, name) => sum + counts[name], 0);

export function relayRecordOf({ relay, serviceId, direct, service }: RelayRow): RelayRecord {
  return { relay, serviceId, subscriptions: total(direct) + total(service), inService: total(service) };
}

/** One relay in a step. */
export class OpenRelay {
  readonly number: number;
  readonly row: { -readonly [K in keyof RelayRow]: RelayRow[K] } & { direct: Counts; service: Counts };
  private readonly engine: TokenEngine;

  constructor(engine: TokenEngine, number: number, row: RelayRow) {
    this.engine = engine;
    this.number = number;
    this.row = { ...row, direct: { ...row.direct }, service: { ...row.service } };
  }

  /** Counts a subscription that is new (`before` null), changed, or gone (`after` null). */
  replace(before: State | null, after: State | null): void {
    for (const [state, difference] of [[before, -1], [after, 1]] as const) {
      if (state === null) continue;
      this.engine.counters.subscriptions(state.status, difference);
      if (isToMake(state.status)) this.row[state.inService ? 'service' : 'direct'][state.status] += difference;
    }
  }

  /** The epoch for a row that is written now. */
  epochFor(inService: boolean): number {
    return inService ? this.row.serviceEpoch : this.row.epoch;
  }

  loseConnection(): void {
    const { direct } = this.row;
    this.becomeInactive('ACTIVE', direct.ACTIVE);
    direct.ACTIVE = 0;
    this.row.epoch++;
  }

  loseService(): void {
    for (const name of NAMES) this.becomeInactive(name, this.row.service[name]);
    this.row.service = { ...NONE };
    this.row.serviceEpoch++;
  }

  private becomeInactive(status: ToMake, count: number): void {
    this.engine.counters.subscriptions(status, -count);
    this.engine.counters.subscriptions('INACTIVE', count);
    this.row.direct.INACTIVE += count;
  }
}

/** The relays of one step. */
export class OpenRelays {
  private readonly engine: TokenEngine;
  private readonly open = new Map<number, OpenRelay>();

  constructor(engine: TokenEngine) {
    this.engine = engine;
  }

  get(number: number): OpenRelay {
    const known = this.open.get(number);
    if (known !== undefined) return known;
    const relay = new OpenRelay(this.engine, number, present(this.engine.tables.relays.get(numberKey(number))));
    this.open.set(number, relay);
    return relay;
  }

  find(name: string): OpenRelay | null {
    const number = numberOf(this.engine, name);
    return number === null ? null : this.get(number);
  }

  /** A relay that is unknown becomes known. */
  make(name: string): OpenRelay {
    const found = this.find(name);
    if (found !== null) return found;
    const { counters, tables } = this.engine;
    const number = counters.nextRelay();
    const row: RelayRow = { relay: name, serviceId: null, epoch: 0, serviceEpoch: 0, direct: NONE, service: NONE };
    tables.relayNumbers.put(nameKey(name), number);
    tables.relays.put(numberKey(number), row);
    const relay = new OpenRelay(this.engine, number, row);
    this.open.set(number, relay);
    return relay;
  }

  save(): void {
    for (const { number, row } of this.open.values()) this.engine.tables.relays.put(numberKey(number), row);
  }
}

/** Null: the relay is not known. */
export function numberOf({ tables }: TokenEngine, name: string): number | null {
  return tables.relayNumbers.get(nameKey(name));
}
