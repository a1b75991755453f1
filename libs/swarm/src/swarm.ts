/** One worker's users and what they do. `perform` is the whole of it; how requests come is not its business. */
import { SECOND } from '@polyplex/base';
import type { AddressText } from '@polyplex/protocol-common';
import { Deliveries } from './deliveries.ts';
import { SwarmError, usage } from './failure.ts';
import { LoopLag } from './loop-lag.ts';
import { resubscribe, settle } from './operations/coming-back.ts';
import { contact, contactAddress } from './operations/contact-address.ts';
import { group, groupSend, pair, send } from './operations/contacts.ts';
import { download, upload } from './operations/files.ts';
import { notifications, notifiedSend } from './operations/notifications.ts';
import { proxySend } from './operations/routing.ts';
import type { OperationName, Operations, WorkerStats } from './protocol.ts';
import { Series } from './series.ts';
import type { SwarmState } from './state.ts';
import { STRANGER } from './swarm-users.ts';
import { User } from './user.ts';

export interface SwarmOptions {
  readonly address: AddressText;
  readonly files: AddressText | null;
  /** For connecting, each command, and each delivery. */
  readonly timeoutMs: number;
}

type Perform = { [O in OperationName]: (state: SwarmState, request: Operations[O]['request']) => Promise<Operations[O]['reply']> };

const OPERATIONS: Omit<Perform, 'stats'> = {
  async connect(state, { user }) {
    const each = state.user(user);
    return { connectMs: await each.turn(() => each.connect()) };
  },
  async disconnect(state, { user }) {
    const each = state.user(user);
    await each.turn(async () => each.disconnect());
    return {};
  },
  pair, send, proxySend, group, groupSend, resubscribe, contactAddress, contact, notifications, notifiedSend, upload, download, settle,
};

export class Swarm {
  readonly series = new Series();
  private readonly users = new Map<string, User>();
  private readonly failures = new Map<string, number>();
  private readonly lag = new LoopLag();
  private readonly state: SwarmState;
  private readonly timer: NodeJS.Timeout;
  private sent = 0;

  constructor({ address, files, timeoutMs }: SwarmOptions) {
    const deliveries = new Deliveries(timeoutMs);
    const context = { address, deliveries, timeoutMs, failed: (error: SwarmError) => this.count(error) };
    this.state = {
      address, files, timeoutMs, deliveries,
      user: (name) => {
        let user = this.users.get(name);
        if (user === undefined) this.users.set(name, (user = new User(name, context)));
        return user;
      },
      users: () => [...this.users.values()].filter(({ name }) => name !== STRANGER),
      groups: new Map(), uploaded: new Map(), proxied: new Map(), notifierOf: new Map(), notified: new Map(), notifying: new Map(), notifier: null, fileClient: null,
    };
    this.timer = setInterval(() => deliveries.sweep(performance.now()), SECOND).unref();
  }

  /** Rejects with a `SwarmError`. */
  async perform<O extends OperationName>(op: O, request: Operations[O]['request']): Promise<Operations[O]['reply']> {
    if (op === 'stats') return this.stats();
    const operation = Object.hasOwn(OPERATIONS, op) ? (OPERATIONS as Partial<Perform>)[op] : undefined;
    if (operation === undefined) throw usage(`no operation ${op}`);
    this.series.started(op);
    const started = performance.now();
    try {
      const reply = await operation(this.state, request);
      const messages = messagesIn(reply);
      this.sent += messages;
      this.series.done(op, shownMs(reply) ?? performance.now() - started, messages);
      return reply;
    } catch (error) {
      const failure = error instanceof SwarmError ? error : new SwarmError('INTERNAL', op, undefined, error);
      this.series.failed(op);
      this.count(failure);
      throw failure;
    }
  }

  stats(): WorkerStats {
    const users = [...this.users.values()];
    const { user, system } = process.cpuUsage();
    const { delivered, lost, owed, repeated } = this.state.deliveries;
    return {
      cpuSeconds: (user + system) / 1e6,
      loopLagMs: this.lag.ms,
      memoryBytes: process.memoryUsage.rss(),
      users: users.length,
      connections: users.filter(({ online }) => online).length,
      queues: users.reduce((sum, each) => sum + each.queueCount, 0),
      sent: this.sent, delivered, lost, owed, repeated,
      failures: Object.fromEntries(this.failures),
    };
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.lag.stop();
    for (const user of this.users.values()) user.disconnect();
    const { notifier, fileClient } = this.state;
    for (const client of await Promise.allSettled([notifier, fileClient])) if (client.status === 'fulfilled') client.value?.close();
  }

  private count({ code }: SwarmError): void {
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
  }
}

function messagesIn(reply: object): number {
  if ('sends' in reply && typeof reply.sends === 'number') return reply.sends;
  return 'sendMs' in reply ? 1 : 0;
}

/** Of a message its delivery, or what the relay took where nobody was there to get it. */
function shownMs(reply: object): number | null {
  if ('deliveryMs' in reply && typeof reply.deliveryMs === 'number') return reply.deliveryMs;
  return 'sendMs' in reply && typeof reply.sendMs === 'number' ? reply.sendMs : null;
}
