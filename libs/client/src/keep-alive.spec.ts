import { describe, expect, it } from 'vitest';
import { MINUTE } from '@polyplex/base';
import { createFakeClock } from '@polyplex/testing';
import { DEFAULT_KEEP_ALIVE, KeepAlive } from './keep-alive.ts';

function begin() {
  const clock = createFakeClock();
  const seen: string[] = [];
  const keepAlive = new KeepAlive(clock, DEFAULT_KEEP_ALIVE, { ping: () => seen.push('ping'), giveUp: () => seen.push('give up') });
  return { clock, seen, keepAlive };
}

describe('KeepAlive', () => {
  it('gives up after three timeouts in a row and a quarter of an hour of silence, not for one of them', () => {
    const { clock, seen, keepAlive } = begin();
    for (let i = 0; i < 5; i++) keepAlive.timedOut();
    expect(seen).toEqual([]);
    clock.advance(15 * MINUTE);
    keepAlive.timedOut();
    expect(seen).toEqual(['give up']);
  });

  it('counts timeouts anew after anything was received', () => {
    const { clock, seen, keepAlive } = begin();
    keepAlive.timedOut();
    keepAlive.timedOut();
    keepAlive.received();
    clock.advance(20 * MINUTE);
    keepAlive.timedOut();
    keepAlive.timedOut();
    expect(seen).toEqual([]);
    keepAlive.timedOut();
    expect(seen).toEqual(['give up']);
  });

  it('leaves no timer behind', () => {
    const { clock, keepAlive } = begin();
    keepAlive.begin();
    keepAlive.begin();
    expect(clock.pending).toBe(1);
    keepAlive.stop();
    keepAlive.begin();
    expect(clock.pending).toBe(0);
  });
});
