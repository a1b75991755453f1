/** Random logs come to what a simple model of XFTP §5.8 makes of them, at any size of the tables. */
import { toBase64Url } from '@polyplex/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Blocks } from '../src/text-log/blocks.ts';
import { anyFile, anyRecipient, fack, fadd, fblk, fdel, fnew, fput, readLines, unique } from './log-lines.ts';

const FILES = 6;
const RECIPIENTS = 12;

type Step =
  | { readonly word: 'FNEW' | 'FDEL' | 'FBLK' | 'FPUT'; readonly file: number }
  | { readonly word: 'FADD'; readonly file: number; readonly recipients: readonly number[] }
  | { readonly word: 'FACK'; readonly recipient: number };

const file = fc.nat(FILES - 1);
const recipient = fc.nat(RECIPIENTS - 1);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.oneof(
  { weight: 5, arbitrary: fc.record({ word: fc.constantFrom('FNEW' as const, 'FDEL' as const, 'FBLK' as const, 'FPUT' as const), file }) },
  { weight: 3, arbitrary: fc.record({ word: fc.constant('FADD' as const), file, recipients: fc.array(recipient, { minLength: 1, maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ word: fc.constant('FACK' as const), recipient }) },
), { maxLength: 60 });

interface Modelled {
  blocked: boolean;
  body: boolean;
  readonly recipients: number[];
}

/** The rules, and nothing else. */
function modelOf(log: readonly Step[]): Map<number, Modelled> {
  const files = new Map<number, Modelled>();
  const isTaken = (id: number): boolean => [...files.values()].some(({ recipients }) => recipients.includes(id));
  for (const step of log) {
    const found = 'file' in step ? files.get(step.file) : undefined;
    if (step.word === 'FNEW' && found === undefined) files.set(step.file, { blocked: false, body: false, recipients: [] });
    if (step.word === 'FDEL') files.delete(step.file);
    if (step.word === 'FBLK' && found !== undefined) Object.assign(found, { blocked: true, body: false });
    if (step.word === 'FPUT' && found !== undefined) found.body = !found.blocked;
    if (step.word === 'FADD' && found !== undefined) for (const id of step.recipients) if (!isTaken(id)) found.recipients.push(id);
    if (step.word === 'FACK') for (const { recipients } of files.values()) if (recipients.includes(step.recipient)) recipients.splice(recipients.indexOf(step.recipient), 1);
  }
  return files;
}

// Of several lengths, so that blocks of several sizes are freed and given out again.
const files = Array.from({ length: FILES }, (_, i) => anyFile({ senderId: unique(8 + i) }));
const recipients = Array.from({ length: RECIPIENTS }, (_, i) => ({ ...anyRecipient(), recipientId: unique(16 + (i % 3) * 8) }));

function lineOf(step: Step): string {
  switch (step.word) {
    case 'FNEW': return fnew(files[step.file]!);
    case 'FDEL': return fdel(files[step.file]!.senderId);
    case 'FBLK': return fblk(files[step.file]!.senderId, 'reason=spam');
    case 'FPUT': return fput(files[step.file]!.senderId);
    case 'FADD': return fadd(files[step.file]!.senderId, step.recipients.map((id) => recipients[id]!));
    case 'FACK': return fack(recipients[step.recipient]!.recipientId);
  }
}

test('random logs', async () => {
  await fc.assert(fc.asyncProperty(steps, fc.integer({ min: 1, max: 300 }), async (log, chunkBytes) => {
    const model = modelOf(log);
    const { files: found } = await readLines(log.map(lineOf), chunkBytes);
    const byId = new Map(found.map((each) => [toBase64Url(each.file.senderId), each]));
    expect(byId.size).toBe(model.size);
    for (const [index, { blocked, body, recipients: added }] of model) {
      const id = toBase64Url(files[index]!.senderId);
      expect(byId.get(id)).toMatchObject({
        file: { ...files[index]!, status: { state: blocked ? 'blocked' : 'active' } }, body: body ? id : null, recipients: added.map((each) => recipients[each]!),
      });
    }
  }), { numRuns: 300 });
});

test('many files, most of them removed again, take the memory of those that stay', async () => {
  const lines: string[] = [];
  const kept: string[] = [];
  for (let i = 0; i < 30_000; i++) {
    const [made, added] = [anyFile(), [anyRecipient(), anyRecipient()]];
    lines.push(fnew(made), fadd(made.senderId, added), fput(made.senderId));
    if (i % 10 === 0) kept.push(toBase64Url(made.senderId));
    else lines.push(fack(added[0]!.recipientId), fdel(made.senderId));
  }
  const { log, files: found, bad } = await readLines(lines, 65_536);
  expect(bad).toEqual([]);
  expect(found.map(({ body }) => body)).toEqual(kept);
  expect(log).toMatchObject({ fileCount: 3000, recipientCount: 6000 });
  expect(log.memoryBytes).toBeLessThan(2 * 1024 * 1024);
});

test('blocks never overlap, and freed ones are used again', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 8, max: 700 }), fc.boolean()), { minLength: 1, maxLength: 4000 }), (wanted) => {
    const blocks = new Blocks();
    const live: { readonly address: number; readonly bytes: number }[] = [];
    for (const [bytes, frees] of wanted) {
      if (frees && live.length > 0) {
        const { address, bytes: freed } = live.shift()!;
        blocks.free(address, freed);
      }
      live.push({ address: blocks.allocate(bytes), bytes });
    }
    live.sort((a, b) => a.address - b.address);
    for (const [i, { address, bytes }] of live.entries()) {
      expect(address).toBeGreaterThan(0);
      expect(blocks.offset(address) + bytes).toBeLessThanOrEqual(blocks.page(address).length);
      if (i > 0) expect(live[i - 1]!.address + Math.ceil(live[i - 1]!.bytes / 8)).toBeLessThanOrEqual(address);
    }
  }), { numRuns: 20 });
});
