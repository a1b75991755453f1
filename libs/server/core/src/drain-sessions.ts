/** The end of all sessions of a server, spread over a time: clients of several nodes shall not come back in rhythm. */
import type { RunningSession } from './session.ts';

/** Resolves when all are drained, each at a random time within a step of its own. */
export async function drainSessions(running: Iterable<RunningSession>, drainMs: number): Promise<void> {
  const sessions = [...running];
  const stepMs = sessions.length === 0 ? 0 : drainMs / sessions.length;
  const start = Date.now();
  await Promise.all(
    sessions.map(async (session, i) => {
      const wait = start + (i + Math.random()) * stepMs - Date.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      await session.drain();
    }),
  );
}
