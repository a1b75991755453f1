/** Signals and the end of a process. */
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '@polyplex/telemetry';
import { createFakeClock } from '@polyplex/testing';
import { runUntilSignal } from '../src/index.ts';

function service() {
  const { promise: stopped, resolve: finishStop, reject: failStop } = Promise.withResolvers<void>();
  const counts = { stops: 0, reloads: 0 };
  return {
    counts,
    finishStop,
    failStop,
    stop: () => {
      counts.stops++;
      return stopped;
    },
    reload: async () => {
      counts.reloads++;
      throw new Error('unreadable');
    },
  };
}

describe('a running service', () => {
  it.each(['SIGTERM', 'SIGINT'])('is stopped once by %s, and that is waited for', async (signal) => {
    const signals = new EventEmitter();
    const it = service();
    const run = runUntilSignal(it, { log: silentLogger, signals });
    signals.emit(signal);
    expect(it.counts.stops).toBe(1);
    expect(await Promise.race([run.then(() => 'done'), Promise.resolve('waiting')])).toBe('waiting');
    it.finishStop();
    await run;
    expect(signals.listenerCount(signal), 'an echo would kill the process').toBe(1);
  });

  it('is ended at once by a second signal, but not by the echo of the first', () => {
    const signals = new EventEmitter();
    const it = service();
    const codes: number[] = [];
    const clock = createFakeClock();
    void runUntilSignal(it, { log: silentLogger, signals, clock, exit: (code) => codes.push(code) });
    signals.emit('SIGINT');
    clock.advance(999);
    signals.emit('SIGINT');
    expect([it.counts.stops, codes]).toEqual([1, []]);
    clock.advance(1);
    signals.emit('SIGTERM');
    expect([it.counts.stops, codes]).toEqual([1, [130]]);
  });

  it('survives a reload that fails', async () => {
    const signals = new EventEmitter();
    const it = service();
    const errors: string[] = [];
    const run = runUntilSignal(it, { log: { ...silentLogger, error: (message) => errors.push(message) }, signals });
    signals.emit('SIGHUP');
    await new Promise((resolve) => setImmediate(resolve));
    expect([it.counts.reloads, errors]).toEqual([1, ['reload failed, nothing changed']]);
    signals.emit('SIGTERM');
    it.finishStop();
    await run;
  });

  it('that cannot stop says so', async () => {
    const signals = new EventEmitter();
    const it = service();
    const run = runUntilSignal(it, { log: silentLogger, signals });
    signals.emit('SIGTERM');
    it.failStop(new Error('stuck'));
    await expect(run).rejects.toThrow('stuck');
  });
});
