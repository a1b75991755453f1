/** Short programs of which every interleaving is run: what a few clients do in order, each by itself. */
import { append, revisionOf } from './actions.ts';
import { EveryChooser } from './chooser.ts';
import { type Parts, REAL_PARTS, Violation } from './parts.ts';
import { settle } from './quiescence.ts';
import { World } from './world.ts';

type Step = (world: World) => void;
/** Whether a step can be made now. */
type Ready = (world: World) => boolean;

interface When {
  readonly step: Step;
  readonly ready: Ready;
}

export interface Program {
  readonly name: string;
  /** The node of each session. */
  readonly sessions: readonly number[];
  /** Brought to an end before anything else begins. */
  readonly first: readonly Step[];
  readonly actors: readonly (readonly (Step | When)[])[];
}

const SHAPE = { nodes: 2, queues: 1, quota: 4, inboxCapacity: 10, faults: 0, keepsContent: true };

const sub = (session: number): Step => (world) => world.sessions[session]!.subscribe([{ queue: 0, revision: revisionOf(world, 0) }]);
const send = (node: number): Step => (world) => append(world, world.nodes[node]!, 0);
const release = (session: number): Step => (world) => world.sessions[session]!.release();
const look = (node: number): Step => (world) => world.nodes[node]!.wantLook();
const revise: Step = (world) => world.queues[0]!.revise();
const remove = (node: number): Step => (world) => world.nodes[node]!.remove(0, revisionOf(world, 0));
const ack = (session: number): When => ({
  step: (world) => world.sessions[session]!.acknowledge(0, revisionOf(world, 0)),
  ready: (world) => (world.sessions[session]!.subscription(0)?.delivered ?? 0) !== 0,
});

export const PROGRAMS: readonly Program[] = [
  { name: 'two nodes claim at once', sessions: [0, 1], first: [], actors: [[sub(0)], [sub(1)]] },
  { name: 'two connections of a node claim at once, and a message comes', sessions: [0, 0], first: [], actors: [[sub(0)], [sub(1)], [send(1)]] },
  { name: 'a queue is taken over while a message comes by the new node', sessions: [0, 1], first: [sub(0)], actors: [[sub(1)], [send(1)]] },
  { name: 'a queue is taken over while a message comes by the old node', sessions: [0, 1], first: [sub(0)], actors: [[sub(1)], [send(0)]] },
  { name: 'a queue is taken over while its message is acknowledged', sessions: [0, 1], first: [sub(0), send(0), send(0)], actors: [[ack(0)], [sub(1)], [ack(1)]] },
  { name: 'a queue is taken over and back', sessions: [0, 1], first: [sub(0)], actors: [[sub(1)], [sub(0)]] },
  { name: 'a claim on the same node fails or ends with its connection', sessions: [0, 0], first: [sub(0)], actors: [[sub(1), release(1)], [revise], [send(1)]] },
  { name: 'a node looks while its queue is taken over', sessions: [0, 1], first: [sub(0)], actors: [[look(0)], [sub(1)]] },
  { name: 'a node looks while a message comes', sessions: [0], first: [sub(0)], actors: [[look(0)], [send(1)], [ack(0)]] },
  { name: 'a queue is deleted while it is claimed', sessions: [0, 1], first: [sub(0)], actors: [[remove(1)], [sub(1)]] },
];

/** Too many interleavings for every day. */
export const LONG_PROGRAMS: readonly Program[] = [
  { name: 'two nodes claim at once, and a message comes', sessions: [0, 1], first: [], actors: [[sub(0)], [sub(1)], [send(1)]] },
  { name: 'a queue is taken over and back while a message comes', sessions: [0, 1], first: [sub(0)], actors: [[sub(1)], [sub(0)], [send(1)]] },
];

export interface Enumerated {
  readonly runs: number;
  /** Whether these were all. */
  readonly isWhole: boolean;
  readonly found: { readonly what: string; readonly trace: readonly string[] } | null;
}

/** Runs all interleavings of a program, up to `most`. */
export function enumerate(program: Program, most: number, parts: Parts = REAL_PARTS): Enumerated {
  const chooser = new EveryChooser();
  for (let runs = 1; ; runs++) {
    try {
      run(new World(chooser, SHAPE, parts), chooser, program);
    } catch (error) {
      if (error instanceof Violation) return { runs, isWhole: false, found: explain(chooser, program, parts) };
      throw error;
    }
    if (!chooser.advance()) return { runs, isWhole: true, found: null };
    if (runs === most) return { runs, isWhole: false, found: null };
  }
}

/** The run that was just made, with what happened in it. */
function explain(chooser: EveryChooser, program: Program, parts: Parts): NonNullable<Enumerated['found']> {
  const trace: string[] = [];
  chooser.again();
  try {
    run(new World(chooser, SHAPE, parts, trace), chooser, program);
  } catch (error) {
    if (error instanceof Violation) return { what: error.message, trace };
    throw error;
  }
  return { what: 'the run could not be repeated', trace };
}

function run(world: World, chooser: EveryChooser, { sessions, first, actors }: Program): void {
  chooser.isIdle = true;
  for (const node of sessions) world.addSession(world.nodes[node]!);
  for (const step of first) {
    step(world);
    world.runAll();
  }
  chooser.isIdle = false;
  const done = actors.map(() => 0);
  for (;;) {
    const ready = actors.map((_, i) => i).filter((i) => isReady(world, actors[i]![done[i]!]));
    if (world.taskCount + ready.length === 0) break;
    const choice = world.choose(world.taskCount + ready.length);
    if (choice < world.taskCount) world.runTask(choice);
    else {
      const actor = ready[choice - world.taskCount]!;
      stepOf(actors[actor]![done[actor]!++]!)(world);
    }
  }
  chooser.isIdle = true;
  settle(world);
}

function isReady(world: World, next: Step | When | undefined): boolean {
  return next !== undefined && (typeof next === 'function' || next.ready(world));
}

function stepOf(next: Step | When): Step {
  return typeof next === 'function' ? next : next.step;
}
