/** Relays and what they say of subscriptions (NTF §4). One process has all of them: claims are kept in memory and never run out. */
import { copyBytes } from '@polyplex/base';
import { owned, storeError } from '@polyplex/store-common';
import type { RelayRecord, RelaySide, SubscriptionChange, SubscriptionPage, SubscriptionRecord } from '@polyplex/store-contract';
import { cursorAfter, START, startOf } from '../cursors.ts';
import { answer, guarded, now, present } from '../engine.ts';
import type { Row } from '../tables.ts';
import { FREES, GROWS, subscriptionRecordOf, type TokenEngine, withRelays } from './engine.ts';
import { isToMake, numberOf, type OpenRelay, relayRecordOf, type State, stateOf } from './relay-rows.ts';
import { afterRelay, numberKey, placeOf } from './tables.ts';
import type { RelayRow, SubscriptionRow } from './value-formats.ts';

/** Some milliseconds of work at once. */
const ROWS_PER_PAGE = 1000;
const CHANGES_PER_STEP = 250;
const NO_ID = new Uint8Array(0);

export function createRelaySide(engine: TokenEngine): RelaySide {
  return {
    ...createClaims(engine),
    takeNew: (relay, limit) => guarded(engine, () => takeNew(engine, relay, Math.min(limit, CHANGES_PER_STEP))),
    onNew: (listener) => void engine.listeners.new.add(listener),
    subscriptionsToMake: (relay, after, limit) => now(engine, () => toMake(engine, relay, after, Math.min(limit, ROWS_PER_PAGE))),
    changeSubscriptions: (relay, changes) => guarded(engine, () => changeAll(engine, relay, owned(changes))),
    disconnected: (relay) => guarded(engine, () => onRelay(engine, relay, (open) => open.loseConnection())),
    setRelayService: (relay, serviceId) => guarded(engine, () => setService(engine, relay, serviceId && copyBytes(serviceId))),
    relay: (relay) => now(engine, () => recordOf(engine, relay)),
    relays: () => now(engine, () => allRelays(engine)),
  };
}

function createClaims(engine: TokenEngine): Pick<RelaySide, 'claimRelays' | 'renewRelays' | 'releaseRelays' | 'share'> {
  const claimed = new Set<string>();
  const withSubscriptions = (): RelayRecord[] => allRelays(engine).filter(({ subscriptions }) => subscriptions > 0);
  return {
    claimRelays: (limit) => now(engine, () => {
      const free = withSubscriptions().filter(({ relay }) => !claimed.has(relay)).slice(0, limit);
      for (const { relay } of free) claimed.add(relay);
      return free;
    }),
    renewRelays: () => now(engine, () => []),
    releaseRelays: (relays) => now(engine, () => {
      for (const relay of relays) claimed.delete(relay);
    }),
    share: () => now(engine, () => ({ nodes: 1, claimed: claimed.size, relays: withSubscriptions().length })),
  };
}

function allRelays({ tables, reportDamage }: TokenEngine): RelayRecord[] {
  const rows = tables.relays.rows(START, undefined, Number.MAX_SAFE_INTEGER);
  if (rows.some(({ value }) => value === null)) reportDamage();
  return rows.flatMap(({ value }) => (value === null ? [] : relayRecordOf(value)));
}

function rowOf(engine: TokenEngine, relay: string): { readonly number: number; readonly row: RelayRow } | null {
  const number = numberOf(engine, relay);
  return number === null ? null : { number, row: present(engine.tables.relays.get(numberKey(number))) };
}

function recordOf(engine: TokenEngine, relay: string): RelayRecord | null {
  const found = rowOf(engine, relay);
  return found === null ? null : relayRecordOf(found.row);
}

/** One step on a relay; nothing when it is not known. */
function onRelay(engine: TokenEngine, relay: string, work: (open: OpenRelay) => void): Promise<void> {
  return engine.writes.run(() => {
    withRelays(engine, (relays) => {
      const open = relays.find(relay);
      if (open !== null) work(open);
    });
    return answer(undefined);
  }, FREES);
}

function setService(engine: TokenEngine, relay: string, serviceId: Uint8Array | null): Promise<void> {
  return engine.writes.run(() => {
    withRelays(engine, (relays) => {
      const open = relays.make(relay);
      open.row.serviceId = serviceId;
      if (serviceId === null) open.loseService();
    });
    return answer(undefined);
  }, GROWS);
}

/** Writes a subscription's state, with all that goes by it. */
function setState(engine: TokenEngine, relay: OpenRelay, { place, row }: { place: Uint8Array; row: SubscriptionRow }, after: State): void {
  const { tables } = engine;
  const before = stateOf(row, relay.row);
  relay.replace(before, after);
  tables.subscriptions.put(place, { ...row, ...after, epoch: relay.epochFor(after.inService) });
  if (after.status === 'NEW') tables.newSubscriptions.put(place, undefined);
  else if (row.status === 'NEW') tables.newSubscriptions.remove(place);
}

async function changeAll(engine: TokenEngine, relay: string, changes: readonly SubscriptionChange[]): Promise<number> {
  const steps: Promise<number>[] = [];
  for (let at = 0; at < changes.length; at += CHANGES_PER_STEP) {
    const some = changes.slice(at, at + CHANGES_PER_STEP);
    steps.push(engine.writes.run(() => answer(change(engine, relay, some)), FREES));
  }
  return (await Promise.all(steps)).reduce((sum, there) => sum + there, 0);
}

function change(engine: TokenEngine, relay: string, changes: readonly SubscriptionChange[]): number {
  return withRelays(engine, (relays) => {
    const open = relays.find(relay);
    if (open === null) return 0;
    let there = 0;
    for (const { notifierId, status, inService } of changes) {
      const place = placeOf(open.number, notifierId);
      const row = engine.tables.subscriptions.get(place);
      if (row === null) continue;
      there++;
      setState(engine, open, { place, row }, { status, inService: inService ?? stateOf(row, open.row).inService });
    }
    return there;
  });
}

function takeNew(engine: TokenEngine, relay: string, limit: number): Promise<SubscriptionRecord[]> {
  return engine.writes.run(() => {
    const taken = withRelays(engine, (relays) => {
      const open = relays.find(relay);
      return open === null ? [] : takeNewOf(engine, open, limit);
    });
    return answer(taken);
  }, FREES);
}

function takeNewOf(engine: TokenEngine, open: OpenRelay, limit: number): SubscriptionRecord[] {
  const { newSubscriptions, subscriptions } = engine.tables;
  const taken: SubscriptionRecord[] = [];
  for (const { key: place } of newSubscriptions.rows(placeOf(open.number, NO_ID), afterRelay(open.number), limit)) {
    const row = subscriptions.get(place);
    newSubscriptions.remove(place);
    if (row === null) continue;
    const state = stateOf(row, open.row);
    if (state.status !== 'NEW') continue;
    const pending = { ...state, status: 'PENDING' as const };
    setState(engine, open, { place, row }, pending);
    taken.push(subscriptionRecordOf(place, { ...row, ...pending, epoch: open.epochFor(pending.inService) }, open.row));
  }
  return taken;
}

function toMake(engine: TokenEngine, relay: string, after: string | null, limit: number): SubscriptionPage {
  const found = rowOf(engine, relay);
  if (found === null) return { subscriptions: [], next: null };
  const { number, row: relayRow } = found;
  const begin = after === null ? placeOf(number, NO_ID) : startOf(after);
  if (!isIn(number, begin)) throw storeError('FAILED', undefined, 'not a cursor of this walk');
  const rows = engine.tables.subscriptions.rows(begin, afterRelay(number), limit);
  if (rows.some(({ value }) => value === null)) engine.reportDamage();
  const subscriptions = rows.flatMap((row) => toMakeOf(row, relayRow));
  return { subscriptions, next: rows.length < limit ? null : cursorAfter(rows.at(-1)!.key) };
}

const isIn = (number: number, place: Uint8Array): boolean => numberKey(number).every((byte, i) => place[i] === byte);

function toMakeOf({ key: place, value: row }: Row<SubscriptionRow>, relay: RelayRow): SubscriptionRecord[] {
  if (row === null) return [];
  const { status, inService } = stateOf(row, relay);
  return isToMake(status) && !inService ? [subscriptionRecordOf(place, row, relay)] : [];
}
