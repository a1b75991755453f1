/**
 * An answer follows the flush of its transaction: the pages are written and flushed, then the meta page is, and only
 * then is the caller told. A killed process cannot show this, since the kernel keeps what it was given; so the system
 * calls of a process that appends are traced with strace.
 */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';
import { type Call, traceOf } from './trace.ts';

const CHILD = fileURLToPath(new URL('durability-child.ts', import.meta.url));
const META_BYTES = 2 * 4096;

/** The first two pages of the file tell which transaction is the last. */
function isMeta({ text }: Call): boolean {
  const offset = /, (\d+)(\)| <unfinished)/.exec(text)?.[1];
  return text.startsWith('pwrite') && offset !== undefined && Number(offset) < META_BYTES;
}

test('an append is answered after its pages, and then its meta page, were flushed', () => {
  const folder = temporaryFolder();
  try {
    const calls = traceOf(CHILD, folder.path);
    const begins = calls.filter(({ text }) => /^write\(1<.*"begin/.test(text));
    const answers = calls.filter(({ text }) => /^write\(1<.*"answered/.test(text));
    expect([begins.length, answers.length]).toEqual([4, 4]);
    const ofData = calls.filter(({ text }) => /store\/data\.mdb>/.test(text));
    const synchronous = ofData.flatMap(({ name, text }) => (name === 'openat' && /O_D?SYNC/.test(text) ? /= (\d+)</.exec(text)![1]! : []));
    begins.forEach(({ end: begin }, i) => {
      const answered = answers[i]!.begin;
      const within = ofData.filter((call) => call.begin > begin && call.begin < answered);
      const writes = within.filter(({ name }) => /write/.test(name));
      const pages = writes.filter((call) => !isMeta(call));
      const metas = writes.filter(isMeta);
      const flushes = within.filter(({ name }) => name === 'fsync' || name === 'fdatasync');
      expect(pages.length, 'pages are written').toBeGreaterThan(0);
      expect(metas, 'one meta page is written').toHaveLength(1);
      expect(synchronous.some((fd) => metas[0]!.text.includes(`(${fd}<`)), 'synchronously').toBe(true);
      const flushed = flushes.some((flush) => pages.every((page) => page.end < flush.begin) && flush.end < metas[0]!.begin);
      expect(flushed, 'all pages are flushed before the meta page').toBe(true);
      expect(metas[0]!.end, 'the meta page is there before the answer').toBeLessThan(answered);
    });
  } finally {
    folder.remove();
  }
});
