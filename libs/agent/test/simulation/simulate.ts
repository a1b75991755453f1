/** One life of two agents, and what must be true at its end. */
import type { Actor } from './actor.ts';
import type { Coverage } from './coverage.ts';
import { seedCrypto } from './fake-crypto.ts';
import type { Troubles } from './troubles.ts';
import { type Crash, World } from './world.ts';

const WORDS = 10;

export interface Life {
  /** What went wrong; empty when all is well. */
  readonly faults: readonly string[];
  readonly coverage: Coverage;
  /** How many commits there were: each is a place to die. */
  readonly commits: number;
  /** Equal for equal lives. */
  readonly trace: number;
}

export async function live(seed: number, troubles: Troubles, crash: Crash | null = null): Promise<Life> {
  seedCrypto(seed);
  const world = new World(seed, troubles, crash);
  const faults = await livedThrough(world);
  return { faults, coverage: world.coverage, commits: world.commits, trace: world.trace };
}

async function livedThrough(world: World): Promise<string[]> {
  try {
    await world.live(WORDS);
  } catch (error) {
    return [String(error)];
  }
  const { a, b, hasUpheavals } = world;
  return [
    ...world.errors.map(String),
    ...unheard(a, b, hasUpheavals),
    ...unheard(b, a, hasUpheavals),
    ...[a, b].flatMap(faultsOf),
    ...(world.relays.every(({ waiting }) => waiting === 0) ? [] : ['messages are left at a relay']),
  ];
}

/** Everything that was promised is heard, once, in order where there is one queue; the last word in any case. */
function unheard(from: Actor, to: Actor, hasUpheavals: boolean): string[] {
  const { heard } = to;
  const expected = from.said.filter(({ text, isPromised }) => isPromised || heard.includes(text)).map(({ text }) => text);
  const last = from.said.at(-1);
  if (hasUpheavals) for (const texts of [heard, expected]) texts.sort();
  return heard.join() === expected.join() && last?.isPromised === true ? [] : [`${from.name} said ${expected.join()}, ${to.name} heard ${heard.join()}`];
}

function faultsOf({ name, complaints, agent, tasksLeft }: Actor): string[] {
  return [
    ...complaints.map((complaint) => `${name}: ${complaint}`),
    ...agent.connections().flatMap(({ sync }) => (sync === 'ok' ? [] : [`${name} is left with keys: ${sync}`])),
    ...tasksLeft.map((task) => `${name} has a task left: ${task}`),
  ];
}
