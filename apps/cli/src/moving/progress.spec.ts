/** What is shown, and how often. */
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '@polyplex/testing';
import { countText, durationText, Progress, type Sample, sizeText } from './progress.ts';

function shown(isTTY: boolean, columns = 80) {
  const written: string[] = [];
  const clock = createFakeClock();
  const progress = new Progress('exporting', { isTTY, columns, write: (text: string) => written.push(text) }, clock);
  const at = (ms: number, sample: Sample): void => {
    clock.advance(ms);
    progress.update(sample);
  };
  return { written, progress, at };
}

const sample = (share: number | null): Sample => {
  const done = (share ?? 1) * 1000;
  return { done: [`${countText(done)} queues`, `${countText(2 * done)} messages`], bytes: done * 10_000, share };
};

describe('progress', () => {
  it('is a line every five seconds where there is no terminal', () => {
    const { written, progress, at } = shown(false);
    for (let i = 0; i <= 20; i++) at(i === 0 ? 0 : 1000, sample(i / 40));
    progress.end();
    expect(written).toEqual([5, 10, 15, 20].map((i) =>
      `exporting, ${Math.floor(i * 2.5)} %, ${40 - i} s left, ${25 * i} queues, ${countText(50 * i)} messages, 250.0 kB/s\n`));
  });

  it('is one line on a terminal, no wider than that, and gone at the end', () => {
    const { written, progress, at } = shown(true, 40);
    at(0, sample(0));
    at(100, sample(0.1));
    at(900, sample(0.25));
    expect(written).toEqual([`\r\x1b[2K${'exporting  [####............]  25 %  3 s left'.slice(0, 39)}`]);
    progress.end();
    progress.end();
    expect(written.slice(1)).toEqual(['\r\x1b[2K']);
  });

  it('says nothing of the rest where nobody knows it, or too early', () => {
    const { written, at } = shown(false);
    at(0, sample(null));
    at(5000, sample(null));
    expect(written).toEqual(['exporting, 1,000 queues, 2,000 messages, 0 B/s\n']);
    const early = shown(false);
    early.at(0, sample(0));
    early.at(5000, sample(0.001));
    expect(early.written[0]).not.toContain('left');
  });

  it('reckons by what was done since it began to look', () => {
    const { written, at } = shown(false);
    at(0, sample(0.5));
    at(5000, sample(0.75));
    expect(written[0]).toContain('75 %, 5 s left');
  });
});

describe('numbers', () => {
  it.each([[0, '0 B'], [999, '999 B'], [1500, '1.5 kB'], [2_000_000, '2.0 MB'], [3.25e9, '3.3 GB'], [5e15, '5000.0 TB']])('%d bytes are %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  it.each([[0.2, '1 s'], [59, '59 s'], [61, '1 min'], [3599, '1 h 0 min'], [7000, '1 h 57 min']])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it('has thousands apart', () => expect(countText(1234567)).toBe('1,234,567'));
});
