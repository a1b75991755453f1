/**
 * What the connections of this node are subscribed to, as far as this node knows: the records in Redis decide, and every
 * claim has an epoch there that grows with each claim of the same place. A word from another node ("the claim of epoch
 * 5 ended") is believed for that epoch alone, so that one that comes late does not end a later claim; one that comes
 * before the answer of the claim that it is about is remembered. A queue has two places: its recipient's and its
 * notifier's.
 *
 * Pure: no clock, no I/O. What connections have to hear is returned, in order.
 */
import { idKey, type IdKey } from '@polyplex/base';
import type { ConnectionId } from '@polyplex/store-contract';

export type Kind = 'recipient' | 'notifier';
export type Lost = 'ended' | 'deleted';

/** What a claim's connection has to hear. */
export interface Telling {
  readonly event: Lost | 'wake';
  readonly claim: Claim;
}

export interface Claim {
  readonly kind: Kind;
  /** The queue. */
  readonly queue: IdKey;
  readonly connection: ConnectionId;
  /** The notifier of the queue, once Redis has answered a claim of that kind. */
  notifier: IdKey | null;
  /** 0 while Redis has not answered. */
  epoch: number;
  /** What held the place before, until Redis has answered. */
  before: Claim | null;
  /** The latest epoch that ended while this claim was under way, and how. */
  lostEpoch: number;
  lost: Lost;
  woken: boolean;
  /** Its connection was released while it was under way. */
  released: boolean;
}

export class Claims {
  private readonly held: Readonly<Record<Kind, Map<IdKey, Claim>>> = { recipient: new Map(), notifier: new Map() };
  private readonly connections = new Map<ConnectionId, Set<Claim>>();
  /** Connections that were released while calls of theirs were under way, which must leave nothing behind. */
  private readonly gone = new Set<ConnectionId>();
  private readonly calls = new Map<ConnectionId, number>();

  /** A call that makes claims for a connection; to be ended by `returned`. */
  called(connection: ConnectionId): void {
    this.calls.set(connection, (this.calls.get(connection) ?? 0) + 1);
  }

  returned(connection: ConnectionId): void {
    const left = (this.calls.get(connection) ?? 1) - 1;
    if (left > 0) {
      this.calls.set(connection, left);
      return;
    }
    this.calls.delete(connection);
    this.gone.delete(connection);
  }

  isGone(connection: ConnectionId): boolean {
    return this.gone.has(connection);
  }

  /** A claim is on its way to Redis. Only one of a place may be at a time. */
  ask(kind: Kind, recipientId: Uint8Array, connection: ConnectionId): Claim {
    const queue = idKey(recipientId);
    const before = this.held[kind].get(queue) ?? null;
    const claim: Claim = { kind, queue, connection, notifier: null, epoch: 0, before, lostEpoch: 0, lost: 'ended', woken: false, released: false };
    this.held[kind].set(queue, claim);
    let claims = this.connections.get(connection);
    if (claims === undefined) this.connections.set(connection, (claims = new Set()));
    claims.add(claim);
    return claim;
  }

  /** Redis made the claim. */
  granted(claim: Claim, epoch: number, notifierId: Uint8Array | null = null): readonly Telling[] {
    const { before } = claim;
    claim.epoch = epoch;
    claim.notifier = notifierId && idKey(notifierId);
    claim.before = null;
    const tellings: Telling[] = [];
    if (before !== null) {
      this.unhold(before);
      if (before.connection !== claim.connection) tellings.push({ event: 'ended', claim: before });
    }
    if (!this.isCurrent(claim)) return tellings; // released meanwhile
    if (claim.released || this.gone.has(claim.connection)) {
      this.remove(claim);
    } else if (claim.lostEpoch >= epoch) {
      this.remove(claim);
      tellings.push({ event: claim.lost, claim });
    } else if (claim.woken) {
      tellings.push({ event: 'wake', claim });
    }
    return tellings;
  }

  /** Redis refused the claim, or nobody knows: what was before counts, and hears of what waits if that was said meanwhile. */
  failed(claim: Claim): readonly Telling[] {
    const { before } = claim;
    const wasCurrent = this.isCurrent(claim);
    if (wasCurrent) {
      if (before === null) this.held[claim.kind].delete(claim.queue);
      else this.held[claim.kind].set(claim.queue, before);
    }
    this.unhold(claim);
    return wasCurrent && before !== null && claim.woken ? [{ event: 'wake', claim: before }] : [];
  }

  /** Another claim replaced the one of this epoch, or its queue or notifier is gone. */
  lost(kind: Kind, recipientId: Uint8Array, epoch: number, how: Lost): readonly Telling[] {
    const claim = this.held[kind].get(idKey(recipientId));
    if (claim === undefined) return [];
    if (claim.epoch === epoch) {
      this.remove(claim);
      return [{ event: how, claim }];
    }
    if (claim.epoch !== 0) return [];
    if (epoch > claim.lostEpoch) [claim.lostEpoch, claim.lost] = [epoch, how];
    const { before } = claim;
    if (before?.epoch !== epoch) return [];
    this.unhold(before);
    claim.before = null;
    return [{ event: how, claim: before }];
  }

  /** Something waits for whoever holds the claim of this epoch. */
  woken(kind: Kind, recipientId: Uint8Array, epoch: number): readonly Telling[] {
    const claim = this.held[kind].get(idKey(recipientId));
    if (claim === undefined) return [];
    if (claim.epoch === epoch) return [{ event: 'wake', claim }];
    if (claim.epoch === 0) claim.woken = true;
    return [];
  }

  /** The claim of this epoch, if it is a connection of this node that holds it. */
  holder(kind: Kind, recipientId: Uint8Array, epoch: number): ConnectionId | null {
    const claim = this.held[kind].get(idKey(recipientId));
    return claim?.epoch === epoch ? claim.connection : null;
  }

  /** Whether a connection of this node has a claim, as far as this node knows. */
  holds(kind: Kind, recipientId: Uint8Array, connection: ConnectionId): boolean {
    const claim = this.held[kind].get(idKey(recipientId));
    return claim?.connection === connection && !claim.released;
  }

  /** Removes whatever claim of this node has the place: a step of this node knows that it is over. */
  drop(kind: Kind, recipientId: Uint8Array): Claim | null {
    const claim = this.held[kind].get(idKey(recipientId));
    if (claim === undefined) return null;
    this.remove(claim);
    return claim;
  }

  /** The record knows a later epoch of the same claim. */
  raise(claim: Claim, epoch: number): void {
    if (this.isCurrent(claim) && epoch > claim.epoch) claim.epoch = epoch;
  }

  /** Whether this is still what counts. */
  isCurrent(claim: Claim): boolean {
    return this.held[claim.kind].get(claim.queue) === claim;
  }

  /** Removes everything that a connection holds. */
  release(connection: ConnectionId): void {
    if (this.calls.has(connection)) this.gone.add(connection);
    for (const claim of this.connections.get(connection) ?? []) {
      const current = this.held[claim.kind].get(claim.queue);
      // One under way stays until its answer says whose the place is: another's may stand behind it.
      if (current === claim && claim.epoch === 0) claim.released = true;
      else if (current === claim) this.held[claim.kind].delete(claim.queue);
      else if (current?.before === claim) current.before = null;
    }
    this.connections.delete(connection);
  }

  /** The claims that Redis has granted, as they are now. */
  granteds(): Claim[] {
    return [...this.held.recipient.values(), ...this.held.notifier.values()].filter(({ epoch }) => epoch !== 0);
  }

  get size(): number {
    return this.held.recipient.size + this.held.notifier.size;
  }

  private remove(claim: Claim): void {
    this.held[claim.kind].delete(claim.queue);
    this.unhold(claim);
  }

  private unhold(claim: Claim): void {
    const claims = this.connections.get(claim.connection);
    claims?.delete(claim);
    if (claims?.size === 0) this.connections.delete(claim.connection);
  }
}
