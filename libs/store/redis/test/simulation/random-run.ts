/** A run of what clients, operators and bad luck do at random to a small cluster; wholly decided by its seed. */
import { append, revisionOf } from './actions.ts';
import { SeededChooser } from './chooser.ts';
import type { SimNode } from './node.ts';
import { type Parts, REAL_PARTS, type Shape } from './parts.ts';
import { settle } from './quiescence.ts';
import type { Session } from './session.ts';
import { World } from './world.ts';

/** What may happen besides what is under way, as often as it stands here; the first line is what clients do. */
const CALM = ['sub', 'sub', 'sub', 'block', 'append', 'append', 'append', 'ack', 'ack', 'ack', 'ack', 'release', 'revise', 'stop', 'resume'] as const;
const ROUGH = [...CALM, 'kill', 'silence', 'resume', 'failover', 'failover', 'delete'] as const;
type Action = (typeof ROUGH)[number];

const MOST_ACTIONS = 9;
/** How likely something new happens, compared with each thing that is under way. */
const NEW_WEIGHT = 2;

/** Runs seed `seed`; its fingerprint. Throws a `Violation`. */
export function runSeed(seed: number, parts: Parts = REAL_PARTS, trace: string[] | null = null): number {
  const chooser = new SeededChooser(seed);
  const isCalm = chooser.next(2) === 0;
  const shape: Shape = {
    nodes: 2 + chooser.next(2), queues: 1 + chooser.next(3), quota: 1 + chooser.next(3), inboxCapacity: 1 + chooser.next(4),
    faults: isCalm ? 0 : chooser.next(3), keepsContent: chooser.next(2) === 0,
  };
  const world = new World(chooser, shape, parts, trace);
  for (const node of world.nodes) for (let n = 2 + chooser.next(3); n > 0; n--) world.addSession(node);
  const actions = isCalm ? CALM : ROUGH;
  let left = 3 + chooser.next(MOST_ACTIONS - 2);
  while (left > 0) {
    const at = world.choose(world.taskCount + NEW_WEIGHT);
    if (at < world.taskCount) world.runTask(at);
    else {
      left--;
      ACTIONS[actions[world.choose(actions.length)]!](world);
    }
  }
  settle(world);
  return chooser.fingerprint;
}

function pick<T>(world: World, from: readonly T[]): T | null {
  return from.length === 0 ? null : from[world.choose(from.length)]!;
}

function openSession(world: World): Session | null {
  return pick(world, world.sessions.filter(({ isOpen, home }) => isOpen && !home.isStopped));
}

function runningNode(world: World): SimNode | null {
  return pick(world, world.nodes.filter(({ isAlive, isStopped }) => isAlive && !isStopped));
}

function someQueue(world: World): number {
  return world.choose(world.queues.length);
}

const ACTIONS: Readonly<Record<Action, (world: World) => void>> = {
  sub: (world) => {
    const queue = someQueue(world);
    openSession(world)?.subscribe([{ queue, revision: revisionOf(world, queue) }]);
  },
  block: (world) => openSession(world)?.subscribe(world.queues.map((_, queue) => ({ queue, revision: revisionOf(world, queue) }))),
  append: (world) => {
    const node = runningNode(world);
    if (node !== null) append(world, node, someQueue(world));
  },
  ack: (world) => {
    const holding = world.sessions.filter(({ isOpen, home, subscriptions }) => isOpen && !home.isStopped && subscriptions.some((each) => (each?.delivered ?? 0) !== 0));
    const session = pick(world, holding);
    if (session === null) return;
    const queue = session.subscriptions.findIndex((each) => (each?.delivered ?? 0) !== 0);
    session.acknowledge(queue, revisionOf(world, queue));
  },
  release: (world) => {
    openSession(world)?.release();
    reconnect(world);
  },
  revise: (world) => {
    const queue = someQueue(world);
    world.log(() => `q${String(queue)} is revised`);
    world.queues[queue]!.revise();
  },
  stop: (world) => stop(world, false),
  silence: (world) => stop(world, true),
  resume: (world) => {
    const node = pick(world, world.nodes.filter(({ isAlive, isStopped }) => isAlive && isStopped));
    world.log(() => `${node?.name ?? 'nobody'} goes on`);
    node?.resume();
  },
  kill: (world) => {
    const node = pick(world, world.nodes.filter(({ isAlive }) => isAlive));
    if (node === null) return;
    world.log(() => `${node.name} dies`);
    node.die();
    if (world.choose(2) === 0) world.addNode();
    reconnect(world);
    reconnect(world);
  },
  failover,
  delete: (world) => {
    const queue = someQueue(world);
    runningNode(world)?.remove(queue, revisionOf(world, queue));
  },
};

/** A client comes (back) to some node. */
function reconnect(world: World): void {
  const node = runningNode(world);
  if (node !== null) world.addSession(node);
}

function stop(world: World, isSilent: boolean): void {
  const node = runningNode(world);
  if (node === null) return;
  world.log(() => `${node.name} is stopped${isSilent ? ' for so long that it counts as gone' : ''}`);
  node.isStopped = true;
  node.isSilent = isSilent;
  if (isSilent) world.isFaulty = true;
}

/** The last changes of a queue are lost, and perhaps what waits in inboxes; every node looks when it finds out. */
function failover(world: World): void {
  const queue = someQueue(world);
  const { keepsContent } = world.shape;
  world.isFaulty = true;
  if (world.queues[queue]!.rollBack(1 + world.choose(3), keepsContent) && !keepsContent) world.keptFrom = world.nextMessage;
  for (const node of world.nodes) {
    if (!node.isAlive) continue;
    if (world.choose(4) === 0) node.mail.wipe();
    node.wantLook();
  }
  world.log(() => `a failover: q${String(queue)} is now ${world.stateText(queue)}`);
}
