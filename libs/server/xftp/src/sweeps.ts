/** Work of the clock: expiry, bodies whose next step did not come, bodies that nobody knows, inactive connections (XFTP §5.4, §5.5). */
import { DAY, HOUR, MINUTE, SECOND, errorText, unixSeconds } from '@polyplex/base';
import { StoreError } from '@polyplex/store-contract';
import type { FileServer } from './context.ts';
import { removeBody } from './remove-body.ts';

/** Files of one step of expiry, bodies of one step of a sweep. */
const STEP = 100;
/** Records say the hour of their creation only (XFTP §5.4). */
const HOUR_SECONDS = HOUR / SECOND;
/** After the start, so that a node serves before it looks at every body. */
const STRAYS_AFTER_START_MS = MINUTE;
/** An upload that is under way is known; what is older than any upload and yet unknown was never finished. */
const STRAY_AGE_MS = DAY;

export interface Sweeps {
  /** One turn of each, for tests and operators; resolves when they are done. */
  expire(): Promise<void>;
  removeLeftBodies(): Promise<void>;
  removeStrays(): Promise<void>;
  /** Resolves when what runs has ended. */
  stop(): Promise<void>;
}

/** Starts all periodic work. */
export function startSweeps(server: FileServer, closeInactive: () => void): Sweeps {
  const { clock, options } = server;
  const turns = new Turns(server);
  const expire = turns.named('expire files', () => expireFiles(server));
  const leftBodies = turns.named('remove left bodies', () => removeLeftBodies(server, () => turns.stopped));
  const strays = turns.named('remove stray bodies', () => removeStrays(server, () => turns.stopped));
  const stops = [
    clock.every(options.expireIntervalMs, () => void expire()),
    clock.every(options.leftBodiesIntervalMs, () => void leftBodies()),
    clock.every(options.strayBodiesIntervalMs, () => void strays()),
    clock.every(options.inactiveCheckMs, closeInactive),
  ];
  void expire();
  void leftBodies();
  if (options.strayBodiesOnStart) stops.push(clock.after(STRAYS_AFTER_START_MS, () => void strays()));
  return {
    expire,
    removeLeftBodies: leftBodies,
    removeStrays: strays,
    stop() {
      for (const stop of stops) stop();
      return turns.stop();
    },
  };
}

/** Runs each task unless it is still running; failures are logged, and the next turn tries again. */
class Turns {
  stopped = false;
  readonly #server: FileServer;
  readonly #running = new Map<string, Promise<void>>();

  constructor(server: FileServer) {
    this.#server = server;
  }

  named(name: string, task: () => Promise<void>): () => Promise<void> {
    return () => {
      const present = this.#running.get(name);
      if (present !== undefined || this.stopped) return present ?? Promise.resolve();
      const turn = task()
        .catch((error: unknown) => this.#server.log.error(`${name} failed`, { error: error instanceof StoreError ? error.code : errorText(error) }))
        .finally(() => this.#running.delete(name));
      this.#running.set(name, turn);
      return turn;
    };
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.#running.values());
  }
}

async function expireFiles(server: FileServer): Promise<void> {
  const createdBefore = unixSeconds(server.clock) - Math.floor(server.options.fileTtlMs / SECOND) - HOUR_SECONDS;
  for (;;) {
    const { files, bodies } = await server.files.expire(createdBefore, STEP);
    server.stats.filesExpired.add(files);
    for (const bodyId of bodies) await removeBody(server, bodyId);
    if (files < STEP) return;
  }
}

async function removeLeftBodies(server: FileServer, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const bodies = await server.files.leftBodies(STEP);
    let removed = 0;
    for (const bodyId of bodies) if (await removeBody(server, bodyId)) removed++;
    server.stats.bodiesSwept.add('left', removed);
    // With any that could not be removed the next step would begin, and perhaps never end.
    if (bodies.length < STEP || removed < bodies.length) return;
  }
}

async function removeStrays(server: FileServer, stopped: () => boolean): Promise<void> {
  let batch: string[] = [];
  for await (const bodyId of server.chunks.list(STRAY_AGE_MS)) {
    batch.push(bodyId);
    if (batch.length < STEP) continue;
    await removeUnknown(server, batch);
    batch = [];
    if (stopped()) return;
  }
  await removeUnknown(server, batch);
}

async function removeUnknown(server: FileServer, bodyIds: readonly string[]): Promise<void> {
  if (bodyIds.length === 0) return;
  const known = await server.files.knows(bodyIds);
  for (const [i, bodyId] of bodyIds.entries()) {
    if (known[i] !== false) continue;
    await server.chunks.remove(bodyId);
    server.stats.bodiesSwept.add('stray');
  }
}
