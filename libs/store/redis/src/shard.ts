/**
 * One primary. Reads have a connection of their own. Steps that change something are answered when they are durable:
 * where that takes waiting for replicas or the disk (WAIT, WAITAOF), all steps that have come meanwhile make one group
 * with one wait, since a wait holds up whatever comes behind it on its connection.
 */
import { SECOND } from '@polyplex/base';
import type { Histogram } from '@polyplex/telemetry';
import { type Argument, Connection, type ServerAddress, type ServerCredentials } from './connection.ts';
import { listOf, numberOf, type Reply } from './redis-reply.ts';

/** What a group of steps ends with: a command, and whether its answer says that the steps are durable. */
export interface Wait {
  readonly command: readonly string[];
  readonly holds: (reply: Reply) => boolean;
}

/** Milliseconds that WAIT gives replicas or the disk; less than a stall of the connection. */
const WAIT_MS = 1500;
/** After a wait that was in vain. */
const MORE_WAITS = 3;
const MOST_IN_GROUP = 1000;

export function waitForReplicas(count: number): Wait {
  return { command: ['WAIT', String(count), String(WAIT_MS)], holds: (reply) => numberOf(reply) >= count };
}

/** The disk of the primary, and of `replicas` others. */
export function waitForDisk(replicas: number): Wait {
  return {
    command: ['WAITAOF', '1', String(replicas), String(WAIT_MS)],
    holds: (reply) => numberOf(listOf(reply)[0]) >= 1 && numberOf(listOf(reply)[1]) >= replicas,
  };
}

/** The step took place, but may be lost with this server. */
class NotDurable extends Error {
  override readonly name = 'NotDurable';
}

interface Step {
  readonly commands: readonly (readonly Argument[])[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

export class Shard {
  readonly address: ServerAddress;
  private readonly credentials: ServerCredentials;
  /** What commands took until they were answered, and changes until they were durable or had failed; seconds. */
  private readonly seconds: Histogram;
  private waits: readonly Wait[] = [];
  private readonly reads: Connection;
  /** One more where groups are waited for. */
  private writes: Connection;
  /** For commands that block until something comes. */
  readonly blocking: Connection;
  private gathered: Step[] = [];
  private running = false;
  /** Groups of steps that were waited for, for benchmarks and tests. */
  groups = 0;

  constructor(address: ServerAddress, credentials: ServerCredentials, seconds: Histogram) {
    this.address = address;
    this.credentials = credentials;
    this.seconds = seconds;
    this.reads = new Connection(address, credentials);
    this.writes = this.reads;
    this.blocking = new Connection(address, credentials);
  }

  /** What steps wait for from now on; to be called before the first of them. */
  waitFor(waits: readonly Wait[]): void {
    this.waits = waits;
    if (waits.length === 0 || this.writes !== this.reads) return;
    this.writes = new Connection(this.address, this.credentials);
    this.writes.onLost = this.reads.onLost;
  }

  get connected(): boolean {
    return this.reads.connected;
  }

  /** Commands sent so far, waits included. */
  get sent(): number {
    return this.reads.sent + (this.writes === this.reads ? 0 : this.writes.sent) + this.blocking.sent;
  }

  onLost(tell: () => void): void {
    this.reads.onLost = tell;
    this.writes.onLost = tell;
  }

  read(args: readonly Argument[], asking = false): Promise<Reply> {
    return this.timed(sendAll(this.reads, asking ? [['ASKING'], args] : [args]));
  }

  /** Answers when what the command changed is durable. */
  write(args: readonly Argument[], asking = false): Promise<Reply> {
    if (this.waits.length === 0) return this.read(args, asking);
    return this.timed(new Promise((resolve, reject) => {
      this.gathered.push({ commands: asking ? [['ASKING'], args] : [args], resolve, reject });
      if (this.running) return;
      this.running = true;
      setImmediate(() => void this.writeGroups());
    }));
  }

  close(): void {
    for (const connection of [this.reads, this.writes, this.blocking]) connection.close();
  }

  private timed(reply: Promise<Reply>): Promise<Reply> {
    const began = performance.now();
    const ended = (): void => this.seconds.observe((performance.now() - began) / SECOND);
    reply.then(ended, ended);
    return reply;
  }

  private async writeGroups(): Promise<void> {
    while (this.gathered.length > 0) await this.writeGroup(this.gathered.splice(0, MOST_IN_GROUP));
    this.running = false;
  }

  /** Whether all that was sent on the connection so far is durable. */
  private async waitOnce(): Promise<boolean> {
    try {
      const durable = await Promise.all(this.waits.map(async ({ command, holds }) => holds(await this.writes.send(command))));
      return durable.every(Boolean);
    } catch {
      return false; // the connection is lost, or the server is no primary any more
    }
  }

  private async writeGroup(group: readonly Step[]): Promise<void> {
    this.groups++;
    // One turn: the waits go out behind the steps, on the same connection.
    const replies = group.map(({ commands }) => sendAll(this.writes, commands));
    const settled = Promise.allSettled(replies);
    const first = this.waitOnce();
    const results = await settled;
    const { generation } = this.writes;
    let isDurable = await first;
    // A step that took place is not made again as long as its own connection can go on waiting for it.
    for (let i = 0; !isDurable && i < MORE_WAITS && this.writes.connected && this.writes.generation === generation; i++) {
      isDurable = await this.waitOnce();
    }
    for (const [i, result] of results.entries()) {
      const { resolve, reject } = group[i]!;
      if (result.status === 'rejected') reject(result.reason);
      else if (isDurable) resolve(result.value);
      else reject(new NotDurable('not confirmed by replicas or the disk in time'));
    }
  }
}

/** Sends commands one behind the other; answers the last one's reply. */
function sendAll(connection: Connection, commands: readonly (readonly Argument[])[]): Promise<Reply> {
  if (commands.length === 1) return connection.send(commands[0]!);
  const replies = commands.map((command) => connection.send(command));
  for (const reply of replies) reply.catch(() => undefined);
  return replies.at(-1)!;
}
