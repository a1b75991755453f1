/**
 * One token in a step: its row, what is due to it, and its last notifications, read when asked for, changed in memory, and
 * written once at the end with the index of times and the counts beside them.
 */
import { equalBytes, toBase64Url } from '@polyplex/base';
import { publicKeysEqual } from '@polyplex/crypto';
import type { Device, PushJob, TokenRecord } from '@polyplex/store-contract';
import { timeKey } from '../files/tables.ts';
import { clearMessages, dueAt, dueSince, forgetAll, hasWork, idlePush, isIdle, makeJob, type Push, pushOf, setCheck } from './due.ts';
import { lastNotificationsOf, type TokenEngine, tokenRecordOf } from './engine.ts';
import { deviceKey } from './tables.ts';
import type { NotificationsRow, TokenRow } from './value-formats.ts';

/** Newest notifications that a token keeps (NTF §3.3). */
const KEPT = 6;
const NOTHING_KEPT: NotificationsRow = [];

export const sameDevice = (a: Device, b: Device): boolean => a.provider === b.provider && equalBytes(a.token, b.token);

export function isTokenWith({ device, authKey }: Pick<TokenRow, 'device' | 'authKey'>, other: Pick<TokenRow, 'device' | 'authKey'>): boolean {
  return sameDevice(device, other.device) && publicKeysEqual(authKey, other.authKey);
}

export class OpenToken {
  readonly tokenId: Uint8Array;
  readonly push: Push;
  row: TokenRow;
  private readonly engine: TokenEngine;
  private readonly before: { readonly row: TokenRow | null; readonly at: number | null; readonly work: boolean; readonly hadPush: boolean };
  private kept: NotificationsRow | null = null;
  private keptBefore = 0;
  private keptChanged = false;

  /** `row` null: the token is made by this step, from `made`. */
  private constructor(engine: TokenEngine, tokenId: Uint8Array, row: TokenRow | null, made: TokenRow) {
    this.engine = engine;
    this.tokenId = tokenId;
    this.row = made;
    const found = row === null ? null : engine.tables.pushes.get(tokenId);
    this.push = found === null ? idlePush() : pushOf(found);
    this.before = {
      row, at: row && dueAt(this.push, row.status), work: row !== null && hasWork(this.push, row.status), hadPush: found !== null,
    };
  }

  static find(engine: TokenEngine, tokenId: Uint8Array): OpenToken | null {
    const row = engine.tables.tokens.get(tokenId);
    return row === null ? null : new OpenToken(engine, tokenId, row, row);
  }

  static make(engine: TokenEngine, tokenId: Uint8Array, row: TokenRow): OpenToken {
    return new OpenToken(engine, tokenId, null, row);
  }

  get record(): TokenRecord {
    return tokenRecordOf(this.tokenId, this.row);
  }

  /** Changes what steps on it stand on. */
  change(parts: Partial<Pick<TokenRow, 'device' | 'code' | 'status' | 'cronMinutes'>>): void {
    this.row = { ...this.row, ...parts, revision: this.row.revision + 1 };
    if (this.row.status !== 'ACTIVE') setCheck(this.push, null);
  }

  /** Its device is not known where pushes go. */
  invalidate(status: TokenRow['status']): void {
    if (this.row.status !== status) this.change({ status });
    forgetAll(this.push);
  }

  get notifications(): NotificationsRow {
    return (this.kept ??= this.engine.tables.notifications.get(this.tokenId) ?? NOTHING_KEPT);
  }

  setNotifications(kept: NotificationsRow): void {
    if (!this.keptChanged) this.keptBefore = this.notifications.length;
    this.kept = kept.slice(-KEPT);
    this.keptChanged = true;
    if (kept.length === 0) clearMessages(this.push);
  }

  /** Its job, leased from now on; null when there is none to lease. */
  lease(now: number, leaseMs: number): PushJob | null {
    const job = makeJob(this.push, this.row.status, now, leaseMs);
    if (job === null) return null;
    return {
      token: this.record,
      verification: job.verification !== null,
      messages: job.messages === null ? [] : lastNotificationsOf(this.engine, this.notifications),
      check: job.check !== null,
      attempts: this.push.attempts,
      dueSince: dueSince(job),
      lease: toBase64Url(job.lease),
    };
  }

  hasLease(lease: string): boolean {
    return this.push.job !== null && toBase64Url(this.push.job.lease) === lease;
  }

  save(): void {
    const { tables, counters } = this.engine;
    const { row: old, hadPush, at, work } = this.before;
    if (this.row !== old) this.saveRow(old);
    if (!isIdle(this.push)) tables.pushes.put(this.tokenId, this.push);
    else if (hadPush) tables.pushes.remove(this.tokenId);
    this.index(at, dueAt(this.push, this.row.status));
    counters.add('due', Number(hasWork(this.push, this.row.status)) - Number(work));
    if (this.keptChanged) this.saveNotifications(this.notifications);
  }

  private saveRow(old: TokenRow | null): void {
    const { tables, counters } = this.engine;
    tables.tokens.put(this.tokenId, this.row);
    if (old !== null) counters.token(old.status, -1);
    counters.token(this.row.status, 1);
    if (old !== null && isTokenWith(old, this.row)) return;
    if (old !== null) tables.devices.remove(deviceKey(old.device, old.authKey));
    tables.devices.put(deviceKey(this.row.device, this.row.authKey), this.tokenId);
  }

  private saveNotifications(kept: NotificationsRow): void {
    const { tables, counters } = this.engine;
    counters.add('notifications', kept.length - this.keptBefore);
    if (kept.length > 0) tables.notifications.put(this.tokenId, kept);
    else if (this.keptBefore > 0) tables.notifications.remove(this.tokenId);
  }

  private index(before: number | null, after: number | null): void {
    if (before === after) return;
    if (before !== null) this.engine.tables.due.remove(timeKey(before, this.tokenId));
    if (after !== null) this.engine.tables.due.put(timeKey(after, this.tokenId), undefined);
  }

  /** Removes all rows of the token but its subscriptions. */
  remove(): void {
    const { tables, counters } = this.engine;
    const { row: old, at, work } = this.before;
    tables.tokens.remove(this.tokenId);
    tables.devices.remove(deviceKey(old!.device, old!.authKey));
    tables.pushes.remove(this.tokenId);
    this.index(at, null);
    counters.token(old!.status, -1);
    counters.add('due', -Number(work));
    counters.add('notifications', -this.notifications.length);
    tables.notifications.remove(this.tokenId);
  }
}
