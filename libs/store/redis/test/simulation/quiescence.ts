/** What must hold when nothing is under way any more. */
import { append } from './actions.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

/** Lets everything end, has the nodes look as their sweeps do, and checks; throws a `Violation`. */
export function settle(world: World): void {
  for (const node of world.nodes) if (node.isStopped) node.resume();
  world.runAll();
  // Where nothing was lost, nothing has to be made up for.
  if (!world.isFaulty) check(world, 'before a sweep');
  sweep(world);
  check(world, 'after a sweep');
  probe(world);
  check(world, 'after a message to each queue');
  releaseAll(world);
}

function sweep(world: World): void {
  world.log(() => 'every node sweeps');
  world.endFaults();
  for (const node of world.nodes) if (node.isAlive) node.wantLook();
  world.runAll();
}

/** Whatever went wrong before, messages come through again. */
function probe(world: World): void {
  const living = world.nodes.filter(({ isAlive }) => isAlive);
  const node = living[world.choose(living.length)];
  if (node !== undefined) world.queues.forEach((_, queue) => append(world, node, queue));
  world.runAll();
}

function check(world: World, when: string): void {
  world.queues.forEach((_, queue) => {
    for (const session of world.sessions) if (session.isOpen) checkSession(world, queue, session, when);
  });
  for (const [message, queue] of world.stored) {
    const { state } = world.queues[queue]!;
    const isGone = message >= world.keptFrom && state !== null && !world.acknowledged.has(message) && !state.messages.includes(message);
    if (isGone) world.fail(`${when}: message ${String(message)} was answered as stored, and is gone without an ACK`);
  }
}

/** A session that thinks it is subscribed owns the queue, and has been told of what waits. */
function checkSession(world: World, queue: number, session: Session, when: string): void {
  if (session.believes[queue] !== true) return;
  const { state } = world.queues[queue]!;
  const name = `c${String(session.connection)} of ${session.node}`;
  const isOwned = state?.owner?.connection === session.connection;
  if (!isOwned) world.fail(`${when}: ${name} thinks that it is subscribed to q${String(queue)}: ${world.stateText(queue)}`);
  const subscription = session.subscription(queue);
  if (subscription?.answered !== true) world.fail(`${when}: ${name} thinks that it is subscribed to q${String(queue)}, its node does not`);
  if (state.messages.length > 0 && subscription.delivered === 0) {
    world.fail(`${when}: ${name} is subscribed to q${String(queue)} and was not told: ${world.stateText(queue)}`);
  }
}

/** What `Claims` keeps besides what is held. */
interface Insides {
  readonly connections: ReadonlyMap<number, unknown>;
  readonly calls: ReadonlyMap<number, unknown>;
  readonly gone: ReadonlySet<number>;
}

/** Nothing is left of sessions that are gone. */
function releaseAll(world: World): void {
  for (const node of world.nodes) {
    if (!node.isAlive) continue;
    for (const { connection } of node.claims.granteds()) {
      if (!world.sessions[connection]!.isOpen) world.fail(`${node.name} keeps a claim of c${String(connection)}, which is gone`);
    }
    for (const session of node.sessions.values()) if (session.isOpen) session.release();
    const { connections, calls, gone } = node.claims as unknown as Insides;
    const left = [node.claims.size, connections.size, calls.size, gone.size];
    if (left.some((size) => size > 0)) world.fail(`${node.name} keeps something of sessions that are gone: ${left.join(' ')}`);
  }
}
