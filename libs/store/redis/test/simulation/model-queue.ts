/**
 * One queue in Redis as `subscribe`, `append`, `acknowledge`, `heads`, `look` and `delete` see it: the same steps as the
 * Lua scripts', which `simulation-model.spec.ts` holds against a real Redis. States are never changed but replaced, so
 * that a failover can put an earlier one back. Messages are numbers, and a negative one is the marker of a full queue.
 */

export interface Who {
  readonly node: string;
  readonly connection: number;
}

export interface Owner extends Who {
  readonly epoch: number;
}

export interface QueueState {
  readonly revision: number;
  readonly owner: Owner | null;
  readonly messages: readonly number[];
  /** Id of the last message given; 0 for none. */
  readonly last: number;
  /** A marker is the last message. */
  readonly closed: boolean;
}

export interface Stale {
  readonly status: 'stale';
  /** 0 where there is no queue. */
  readonly revision: number;
}

export interface Claimed {
  readonly status: 'ok';
  readonly previous: Owner | null;
  readonly epoch: number;
  readonly pending: boolean;
  /** 0 for none. */
  readonly head: number;
}

export interface AppendedThere {
  readonly status: 'stored' | 'quota';
  /** Who has to hear. */
  readonly subscriber: Owner | null;
}

export interface AcknowledgedThere {
  readonly status: 'ok';
  readonly removed: boolean;
  readonly next: number;
}

export interface Looked {
  readonly found: 'gone' | 'ended' | 'empty' | 'pending';
  /** Of the record. */
  readonly epoch: number;
}
/** What a failover may throw away: `claim` is a change of the owner alone. */
type Change = 'claim' | 'content';

/** Scripts with a line taken out, to see that it is missed. */
export interface ScriptRules {
  readonly acknowledgeChecksOwner: boolean;
  readonly headsChecksOwner: boolean;
  /** An epoch that a failover threw away is not given again. */
  readonly epochsAreNew: boolean;
  /** A look answers the epoch of the record, and raises it to the node's: words name epochs, and both must mean the same. */
  readonly lookAgreesOnEpoch: boolean;
}

export const SCRIPT_RULES: ScriptRules = { acknowledgeChecksOwner: true, headsChecksOwner: true, epochsAreNew: true, lookAgreesOnEpoch: true };

/** As the scripts are where the time stands still. */
export const TIMELESS_RULES: ScriptRules = { ...SCRIPT_RULES, epochsAreNew: false };

function isSame(a: Who | null, b: Who): boolean {
  return a !== null && a.connection === b.connection && a.node === b.node;
}

export class ModelQueue {
  state: QueueState | null = { revision: 1, owner: null, messages: [], last: 0, closed: false };
  private claims = 0;
  private readonly before: { readonly change: Change; readonly state: QueueState | null }[] = [];
  private readonly rules: ScriptRules;

  constructor(rules: ScriptRules = SCRIPT_RULES) {
    this.rules = rules;
  }

  subscribe(revision: number, { node, connection }: Who, withHead: boolean): Claimed | Stale {
    const state = this.at(revision);
    if (state === null) return this.stale();
    const { owner: previous, messages } = state;
    this.claims++;
    const epoch = Math.max((previous?.epoch ?? 0) + 1, this.rules.epochsAreNew ? this.claims : 0);
    this.change('claim', { ...state, owner: { node, connection, epoch } });
    return { status: 'ok', previous, epoch, pending: messages.length > 0, head: withHead ? (messages[0] ?? 0) : 0 };
  }

  append(revision: number, id: number, quota: number): AppendedThere | Stale {
    const state = this.at(revision);
    if (state === null) return this.stale();
    if (state.closed) return { status: 'quota', subscriber: null };
    const { messages, owner } = state;
    const size = messages.length;
    const repeated = state.last === id;
    if (!repeated && size >= quota) {
      this.change('content', { ...state, messages: [...messages, -id], last: id, closed: true });
      return { status: 'quota', subscriber: size === 0 ? owner : null };
    }
    if (!repeated) this.change('content', { ...state, messages: [...messages, id], last: id });
    return { status: 'stored', subscriber: size === (repeated ? 1 : 0) ? owner : null };
  }

  acknowledge(revision: number, id: number, by: Who | null): AcknowledgedThere | Stale {
    const state = this.at(revision);
    if (state === null) return this.stale();
    const head = state.messages[0] ?? 0;
    const removed = head !== 0 && Math.abs(head) === id;
    let next = head;
    if (removed) {
      const messages = state.messages.slice(1);
      const isMarker = head < 0;
      next = isMarker ? 0 : (messages[0] ?? 0);
      this.change('content', { ...state, messages, last: isMarker ? 0 : state.last, closed: isMarker ? false : state.closed });
    }
    if (by !== null && this.rules.acknowledgeChecksOwner && !isSame(state.owner, by)) next = 0;
    return { status: 'ok', removed, next };
  }

  /** The head, 0 for none; null for a missing queue, and one that `by` does not own. */
  head(by: Who | null): number | null {
    const { state } = this;
    if (state === null || (by !== null && this.rules.headsChecksOwner && !isSame(state.owner, by))) return null;
    return state.messages[0] ?? 0;
  }

  look(by: Who, epoch: number): Looked {
    const { state } = this;
    if (state === null) return { found: 'gone', epoch: 0 };
    const at = state.owner?.epoch ?? 0;
    const isOwned = isSame(state.owner, by);
    if (!isOwned && at >= epoch) return { found: 'ended', epoch: at };
    const isBehind = isOwned ? this.rules.lookAgreesOnEpoch && at < epoch : true;
    if (isBehind) this.change('claim', { ...state, owner: { node: by.node, connection: by.connection, epoch } });
    return { found: state.messages.length > 0 ? 'pending' : 'empty', epoch: isBehind ? epoch : at };
  }

  /** Who owned it. */
  remove(revision: number): { readonly status: 'ok'; readonly owner: Owner | null } | Stale {
    const state = this.at(revision);
    if (state === null) return this.stale();
    this.change('content', null);
    return { status: 'ok', owner: state.owner };
  }

  /** Some step changed what authorises steps. */
  revise(): void {
    if (this.state !== null) this.change('content', { ...this.state, revision: this.state.revision + 1 });
  }

  /** Throws away up to `count` of the last changes; with `claimsOnly` no others than claims. True when there were any. */
  rollBack(count: number, claimsOnly: boolean): boolean {
    let done = 0;
    for (; done < count; done++) {
      const last = this.before.at(-1);
      if (last === undefined || (claimsOnly && last.change !== 'claim')) break;
      this.state = last.state;
      this.before.pop();
    }
    return done > 0;
  }

  private at(revision: number): QueueState | null {
    return this.state?.revision === revision ? this.state : null;
  }

  private stale(): Stale {
    return { status: 'stale', revision: this.state?.revision ?? 0 };
  }

  private change(change: Change, state: QueueState | null): void {
    this.before.push({ change, state: this.state });
    this.state = state;
  }
}

export function isOwner(queue: ModelQueue, who: Who): boolean {
  return isSame(queue.state?.owner ?? null, who);
}

/** As it stands in a record. */
export function tokenText(owner: Owner | null): string {
  return owner === null ? '' : `${owner.node}:${String(owner.connection)}:${String(owner.epoch)}`;
}

/** For comparing. */
export function describeState(state: QueueState | null): unknown {
  return state && { ...state, owner: tokenText(state.owner) };
}
