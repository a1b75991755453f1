/**
 * A node between its sessions and Redis. The real `Claims`, `hear`, `tell`, `tellLost` and `tellPrevious` decide who hears
 * what; written down again, with callbacks for promises, is only when commands go out and replies come in: `claimQueue`,
 * `append`, `acknowledge`, `readHead`, `deleteQueue`, `Posts`, `Inbox`, `Reconciler`, `Turns`.
 */
import { idOfKey } from '@polyplex/base';
import type { StoreListener } from '@polyplex/store-contract';
import { tellPrevious } from '../../src/claiming.ts';
import type { Claim, Claims } from '../../src/claims.ts';
import { type Engine, post, tell, tellLost } from '../../src/engine.ts';
import { hear } from '../../src/words-heard.ts';
import type { Word } from '../../src/words.ts';
import { stillHas } from './still-has.ts';
import { Mail, wordText } from './mail.ts';
import { type AcknowledgedThere, type AppendedThere, isOwner, type Looked, type Owner, type Stale, tokenText } from './model-queue.ts';
import { DELETED } from './parts.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

const IDS = [0, 1, 2, 3].map((queue) => new Uint8Array([queue]));

export interface Granted {
  readonly status: 'ok';
  readonly pending: boolean;
  /** 0 for none. */
  readonly head: number;
}

/** null: UNAVAILABLE. */
export type ClaimAnswer = Granted | Stale | null;

/** A message, and whether whoever gets it owned the queue when Redis gave it. */
export interface Given {
  readonly id: number;
  readonly toOwner: boolean;
}

export class SimNode {
  readonly name: string;
  readonly claims: Claims;
  readonly sessions = new Map<number, Session>();
  isAlive = true;
  /** Stands still (SIGSTOP); what it had to do is held. */
  isStopped = false;
  /** So long that others count it as gone. */
  isSilent = false;
  readonly held: (() => void)[] = [];
  readonly immediates: { readonly run: () => void; readonly born: number }[] = [];
  readonly mail: Mail;
  private readonly waiting: (() => void)[][] = [];
  private readonly isInTurn: boolean[] = [];
  private looksWanted = false;
  private looking = 0;
  private readonly engine: Engine;
  private readonly world: World;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.claims = world.parts.makeClaims();
    const registry = { mayLive: (other: string) => !this.find(other).isSilent };
    this.mail = new Mail(world, this, { heard: (word) => this.hear(word), missed: () => this.wantLook() });
    const posts = { post: (other: string, word: Word) => this.mail.post(this.find(other), word) };
    this.engine = { node: name, claims: this.claims, listener: this.listener(), registry, posts } as unknown as Engine;
  }

  private find(name: string): SimNode {
    return this.world.nodes[Number(name.slice(1))]!;
  }

  private listener(): StoreListener {
    const to = (what: string, id: Uint8Array, connection: number): Session => {
      const session = this.sessions.get(connection);
      this.world.log(() => `${this.name}: c${String(connection)} hears ${what} of q${String(id[0])}`);
      return session?.isOpen === true || session?.isAtWork === true ? session : this.world.fail(`c${String(connection)} hears ${what} after it was released`);
    };
    return {
      wake: (id, connection) => to('wake', id, connection).wake(id[0]!),
      ended: (_kind, id, connection) => to('ended', id, connection).ended(id[0]!),
      deleted: (_kind, id, connection) => to('deleted', id, connection).ended(id[0]!),
      serviceEnded: () => undefined, blocked: () => undefined, wakeNotifier: () => undefined,
    };
  }

  /** One step on a queue, in its turn; it calls `end` when it is over. */
  private inTurn(queue: number, step: () => void): void {
    if (this.isInTurn[queue] === true) {
      (this.waiting[queue] ??= []).push(step);
      return;
    }
    this.isInTurn[queue] = true;
    step();
  }

  private end(queue: number): void {
    const next = this.waiting[queue]?.shift();
    if (next === undefined) this.isInTurn[queue] = false;
    else next();
  }

  /** A command of a step, which ends with its reply. */
  private step<T>(queue: number, execute: () => T, replied: (reply: T | null) => void): void {
    this.inTurn(queue, () => this.world.command(this, execute, (reply) => {
      replied(reply);
      this.end(queue);
    }));
  }

  claim(queue: number, revision: number, by: Session, done: (answer: ClaimAnswer) => void): void {
    const { world, claims, engine } = this;
    this.inTurn(queue, () => {
      const claim = claims.ask('recipient', IDS[queue]!, by.connection);
      const execute = () => {
        const reply = world.queues[queue]!.subscribe(revision, by, true);
        if (reply.status === 'ok') world.claimed(queue, by);
        return reply;
      };
      world.command(this, execute, (reply) => {
        world.log(() => `${this.name}: the claim of q${String(queue)} by c${String(by.connection)} is answered: ${JSON.stringify(reply)}`);
        if (reply?.status === 'ok') {
          tell(engine, claims.granted(claim, reply.epoch));
          tellPrevious(engine, claim, tokenText(reply.previous));
        } else this.failed(claim);
        done(reply);
        this.end(queue);
      });
    });
  }

  /** Whether a claim that was answered still counts; others may be under way. */
  stillHas(queue: number, by: Session): boolean {
    return stillHas(this.claims, IDS[queue]!, by.connection);
  }

  private holds(queue: number, by: Session): boolean {
    return this.claims.holds('recipient', IDS[queue]!, by.connection);
  }

  private failed(claim: Claim): void {
    tell(this.engine, this.claims.failed(claim));
  }

  append(queue: number, revision: number, id: number, answered: (status: 'stored' | 'quota' | Stale | null) => void): void {
    const { world } = this;
    this.step<AppendedThere | Stale>(queue, () => world.queues[queue]!.append(revision, id, world.shape.quota), (reply) => {
      world.log(() => `${this.name}: the append of ${String(id)} to q${String(queue)} is answered: ${JSON.stringify(reply)}`);
      if (reply === null || reply.status === 'stale') return answered(reply);
      const to = this.subscriberHere(queue, reply.subscriber);
      answered(reply.status);
      if (to === null) return;
      if (reply.status === 'quota') this.engine.listener.wake(IDS[queue]!, to);
      else this.sessions.get(to)?.push(queue, { id, toOwner: to === reply.subscriber?.connection });
    });
  }

  private subscriberHere(queue: number, token: Owner | null): number | null {
    if (token === null) return null;
    const id = IDS[queue]!;
    if (token.node === this.name) return this.claims.holder('recipient', id, token.epoch);
    post(this.engine, token.node, { type: 'W', id, epoch: token.epoch });
    return null;
  }

  acknowledge(queue: number, revision: number, id: number, [by, answered]: readonly [Session, (next: Given | Stale | null) => void]): void {
    const { world } = this;
    const execute = () => {
      const reply: AcknowledgedThere | Stale = world.queues[queue]!.acknowledge(revision, id, by);
      if (reply.status === 'ok' && reply.removed) world.acknowledged.add(id);
      return { reply, toOwner: isOwner(world.queues[queue]!, by) };
    };
    this.step(queue, execute, (answer) => {
      world.log(() => `${this.name}: ACK ${String(id)} by c${String(by.connection)} is answered: ${JSON.stringify(answer)}`);
      if (answer === null || answer.reply.status === 'stale') return answered(answer && (answer.reply as Stale));
      const isReleased = !this.holds(queue, by);
      answered({ id: isReleased ? 0 : answer.reply.next, toOwner: answer.toOwner });
    });
  }

  /** The head, or 'none' where there is nothing for this connection; null: UNAVAILABLE. */
  head(queue: number, by: Session, answered: (head: Given | 'none' | null) => void): void {
    const { world } = this;
    const execute = () => ({ id: world.queues[queue]!.head(by), toOwner: isOwner(world.queues[queue]!, by) });
    this.step(queue, execute, (reply) => {
      world.log(() => `${this.name}: the head of q${String(queue)} for c${String(by.connection)} is ${JSON.stringify(reply)}`);
      if (reply === null) return answered(null);
      const { id, toOwner } = reply;
      const isReleased = id === null || !this.holds(queue, by);
      answered(isReleased ? 'none' : { id, toOwner });
    });
  }

  remove(queue: number, revision: number): void {
    const { world, engine } = this;
    this.step(queue, () => {
      const reply = world.queues[queue]!.remove(revision);
      if (reply.status === 'ok') world.lastClaimant[queue] = DELETED;
      return reply;
    }, (reply) => {
      world.log(() => `${this.name}: q${String(queue)} is deleted: ${JSON.stringify(reply)}`);
      if (reply?.status !== 'ok') return;
      const token = reply.owner && { node: reply.owner.node, epoch: reply.owner.epoch };
      tellLost(engine, 'recipient', IDS[queue]!, { token, how: 'deleted', by: null });
    });
  }

  private hear(word: Word): void {
    this.world.log(() => `${this.name}: hears ${wordText(word)}`);
    hear(this.engine, word);
  }

  /** Looks at everything some time; several reasons are one. */
  wantLook(): void {
    if (this.looksWanted) return;
    this.looksWanted = true;
    if (this.looking === 0) this.world.later(this, () => this.lookAtAll());
  }

  private lookAtAll(): void {
    this.looksWanted = false;
    this.world.log(() => `${this.name}: looks at all`);
    this.looking = 1;
    for (const claim of this.claims.granteds()) if (this.claims.isCurrent(claim)) this.look(claim);
    // What was under way is not looked at.
    if (this.world.parts.looksAgain && this.claims.size > this.claims.granteds().length) this.wantLook();
    this.looked();
  }

  private look(claim: Claim): void {
    const { world } = this;
    const queue = claim.queue.charCodeAt(0);
    const { epoch } = claim;
    const by = this.sessions.get(claim.connection)!;
    this.looking++;
    world.command(this, () => world.queues[queue]!.look(by, epoch), (reply) => {
      world.log(() => `${this.name}: the look at q${String(queue)} for c${String(by.connection)} e${String(epoch)} finds ${JSON.stringify(reply)}`);
      if (reply === null) this.wantLook();
      else this.found(claim, epoch, reply);
      this.looked();
    });
  }

  private found(claim: Claim, asked: number, { found, epoch }: Looked): void {
    const { world: { parts }, claims, engine } = this;
    const id = idOfKey(claim.queue);
    const isHeld = found === 'pending' || found === 'empty';
    if (isHeld && parts.scripts.lookAgreesOnEpoch && claim.epoch < epoch) claim.epoch = epoch;
    if (found === 'pending' && parts.lookWakes) tell(engine, claims.woken('recipient', id, claim.epoch));
    if (!isHeld && parts.lookEnds) tell(engine, claims.lost('recipient', id, asked, found === 'gone' ? 'deleted' : 'ended'));
  }

  private looked(): void {
    if (--this.looking === 0 && this.looksWanted) this.world.later(this, () => this.lookAtAll());
  }

  /** The process dies; words that it did not send are lost. */
  die(): void {
    if (this.mail.hasUnsent || this.world.isBusy(this)) this.world.isFaulty = true;
    this.isAlive = false;
    for (const session of this.sessions.values()) session.isOpen = false;
  }

  /** Goes on after it stood still. */
  resume(): void {
    this.isStopped = false;
    for (const run of this.held.splice(0)) this.world.later(this, run);
    if (!this.isSilent) return;
    this.wantLook();
    // Others hear of it only with their own next beat.
    this.world.atRedis(this, () => (this.isSilent = false));
  }
}
