/**
 * Whether the connections of this node still have what they think, and whether something waits for them: asked of the
 * records themselves. Done slowly all the time, which bounds how long a lost word can matter; and at once when words may
 * have been lost: an inbox that overflowed, a connection that broke, a primary that was replaced, a node that was away.
 */
import { idOfKey, SECOND } from '@polyplex/base';
import type { Claim } from './claims.ts';
import { type Engine, ownerOf, tell } from './engine.ts';
import { given } from './records.ts';
import { listOf, numberOf, textOfReply } from './redis-reply.ts';
import { announceService } from './announcements.ts';
import { sessionToken } from './service-events.ts';

const CLAIMS_PER_STEP = 200;
/** Several reasons to look at once are one. */
const GATHER_MS = 200;
/** While Redis does not answer, another look follows after this time. */
const RETRY_MS = 2 * SECOND;

export class Reconciler {
  private readonly engine: Engine;
  private readonly sweepMs: number;
  private wanted = false;
  private running: Promise<void> | null = null;
  private timers: NodeJS.Timeout[] = [];
  private stopped = false;
  /** How often all was looked at, and what the looks found. */
  looks = 0;
  found = 0;

  constructor(engine: Engine, sweepMs: number) {
    this.engine = engine;
    this.sweepMs = sweepMs;
  }

  start(): void {
    // Nodes that were started together shall not sweep together.
    this.later(this.sweepMs * (0.5 + Math.random() / 2), () => this.sweep());
  }

  /** Looks at everything soon; a look that is under way is followed by another. */
  now(): void {
    if (this.wanted || this.stopped) return;
    this.wanted = true;
    this.later(GATHER_MS, () => this.run());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    await this.running;
  }

  private later(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.timers = this.timers.filter((each) => each !== timer);
      task();
    }, ms).unref();
    this.timers.push(timer);
  }

  private run(): void {
    if (this.running !== null) {
      this.later(GATHER_MS, () => this.run());
      return;
    }
    this.wanted = false;
    this.running = this.lookAtAll(0)
      .catch(() => this.later(RETRY_MS, () => this.now()))
      .finally(() => (this.running = null));
  }

  /** Spreads a look at everything over the period. */
  private sweep(): void {
    if (this.stopped) return;
    const start = performance.now();
    const pass = this.running ?? this.lookAtAll(this.sweepMs * 0.8).catch(() => undefined);
    void pass.then(() => this.later(Math.max(0, this.sweepMs - (performance.now() - start)), () => this.sweep()));
  }

  private async lookAtAll(overMs: number): Promise<void> {
    const { engine } = this;
    const claims = engine.claims.granteds();
    const underWay = engine.claims.size > claims.length;
    const steps = Math.ceil(claims.length / CLAIMS_PER_STEP);
    for (let i = 0; i < steps && !this.stopped; i++) {
      await Promise.all(claims.slice(i * CLAIMS_PER_STEP, (i + 1) * CLAIMS_PER_STEP).map((claim) => this.look(claim)));
      if (overMs > 0) await pause(overMs / steps);
    }
    // What was said of claims under way may be lost as well: another look will find them granted.
    if (overMs === 0 && underWay) this.now();
    for (const session of [...engine.sessions.all()]) await this.lookAtSession(idOfKey(session.service));
    this.looks++;
  }

  private async look(claim: Claim): Promise<void> {
    const { redis, keys, claims } = this.engine;
    if (!claims.isCurrent(claim)) return;
    const { kind, epoch } = claim;
    const id = idOfKey(claim.queue);
    const list = kind === 'recipient' ? keys.messages(id) : keys.notifications(id);
    const [stateReply, epochReply] = listOf(await redis.run('look', [keys.queue(id), list], [
      kind === 'recipient' ? 's' : 'u', ownerOf(this.engine, claim.connection), String(epoch),
      claim.notifier === null ? '' : given(idOfKey(claim.notifier)),
    ]));
    const state = textOfReply(stateReply);
    // A claim whose outcome nobody knew may have gone further in the record.
    if (state === 'pending' || state === 'empty') claims.raise(claim, numberOf(epochReply));
    if (state === 'pending') {
      tell(this.engine, claims.woken(kind, id, claim.epoch));
    } else if (state !== 'empty') {
      const tellings = claims.lost(kind, id, epoch, state === 'gone' ? 'deleted' : 'ended');
      this.found += tellings.length;
      tell(this.engine, tellings);
    }
  }

  private async lookAtSession(serviceId: Uint8Array): Promise<void> {
    const { engine } = this;
    const session = engine.sessions.of(serviceId);
    if (session === null || session.epoch === 0) return;
    const token = await sessionToken(engine, serviceId);
    if (!engine.sessions.isCurrent(session)) return;
    if (token?.node === engine.node && token.epoch === session.epoch) {
      announceService(engine, serviceId, session);
      return;
    }
    engine.sessions.end(session);
    this.found++;
    engine.listener.serviceEnded(serviceId, session.ids.size, session.connection);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}
