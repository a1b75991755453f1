/** How long requests may take: with and without progress. */
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '@polyplex/testing';
import { RequestTimer } from './request-timer.ts';

const LIMITS = { idleMs: 1000, totalMs: 5000 };

describe('a request', () => {
  it('is given up when nothing moves', () => {
    const clock = createFakeClock();
    const timer = new RequestTimer(clock, LIMITS, undefined);
    clock.advance(999);
    expect(timer.signal.aborted).toBe(false);
    clock.advance(1);
    expect(timer.signal.reason).toMatchObject({ code: 'TIMEOUT' });
  });

  it('goes on while something moves, up to its end', () => {
    const clock = createFakeClock();
    const timer = new RequestTimer(clock, LIMITS, undefined);
    for (let i = 0; i < 9; i++) {
      clock.advance(500);
      timer.moved();
    }
    expect(timer.signal.aborted).toBe(false);
    clock.advance(500);
    expect(timer.signal.reason).toMatchObject({ code: 'TIMEOUT' });
  });

  it('is given up with the signal of whoever asked, before or after', () => {
    const controller = new AbortController();
    const timer = new RequestTimer(createFakeClock(), LIMITS, controller.signal);
    controller.abort();
    expect(timer.signal.reason).toMatchObject({ code: 'CLOSED' });
    expect(new RequestTimer(createFakeClock(), LIMITS, controller.signal).signal.aborted).toBe(true);
  });

  it('is not watched any more at its end', () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const timer = new RequestTimer(clock, LIMITS, controller.signal);
    timer.end(false);
    controller.abort();
    clock.advance(60_000);
    expect(timer.signal.aborted).toBe(false);
  });
});
