/** A profile of this process's main thread by V8's own sampler, for flame graphs. */
import { type Profiler, Session } from 'node:inspector/promises';

const SAMPLE_EVERY_MICROS = 250;

/** Begins at once; the answer ends it and gives the profile. */
export async function profileCpu(): Promise<() => Promise<Profiler.Profile>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROS });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  };
}
