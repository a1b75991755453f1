/** Messages and notifications as the reference saves them, and its journals: rules of the quota, and every line that is wrong. */
import { toBase64Url, utf8 } from '@polyplex/base';
import type { Message } from '@polyplex/store-contract';
import { describe, expect, test } from 'vitest';
import { type BadLine, type EntryFault, type EntryKind, type JournalFiles, openEntryFile, openJournal, type QueueFold } from '../src/index.ts';
import { readNotification } from '../src/smp-entries/entry-line.ts';
import { MessageFold } from '../src/smp-entries/message-fold.ts';
import { unique } from './log-lines.ts';
import { anyMessage, anyNotification, anyNotifier, anyQueue, type AnyQueue, create, inChunks, linesText, marker, messageLine, messageRest, notificationLine, partsOf, readLines, text } from './smp-lines.ts';

type Bad = BadLine<EntryFault>;

async function foldOf(queues: readonly AnyQueue[]): Promise<QueueFold> {
  return (await readLines(queues.map((queue) => create(queue)))).log.queues;
}

/** What a file says of each queue, in the order of `queues`. */
async function entries(queues: readonly AnyQueue[], bytes: Uint8Array, kind: EntryKind = 'messages', chunkBytes = 100) {
  const [fold, bad]: [QueueFold, Bad[]] = [await foldOf(queues), []];
  const file = await openEntryFile({ kind, queues: fold, parts: partsOf(bytes) }, inChunks(bytes, chunkBytes), (line) => bad.push(line));
  const found = await Promise.all(queues.map(async ({ recipientId }) => {
    const lines: (readonly [number, string])[] = [];
    for await (const { line, rest } of file.entriesOf(fold.find('recipient', recipientId), () => undefined)) lines.push([line, rest]);
    return lines;
  }));
  const owners = Array.from(file.owners(), (owner) => queues.findIndex(({ recipientId }) => fold.find('recipient', recipientId) === owner));
  return { found, bad, owners, file };
}

function folded(lines: readonly string[], quota = 128) {
  const bad: Bad[] = [];
  const fold = new MessageFold(quota, (line) => bad.push(line));
  for (const [i, rest] of lines.entries()) fold.take({ line: i + 1, rest });
  return { fold, bad, messages: fold.messages(0).messages };
}

describe('a file of messages', () => {
  test('gives each queue its lines, also those that are not together', async () => {
    const queues = [anyQueue(), anyQueue(), anyQueue()];
    const [a, b] = [queues[0]!, queues[2]!];
    const order = [b, b, a, a, b, a, b];
    const messages = order.map(() => anyMessage());
    for (const chunkBytes of [1, 64, 10_000]) {
      const { found, bad, owners, file } = await entries(queues, linesText(order.map((queue, i) => messageLine(queue, messages[i]!))), 'messages', chunkBytes);
      const of = (queue: AnyQueue) => order.flatMap((each, i) => (each === queue ? [[i + 1, messageRest(messages[i]!)]] : []));
      expect([found, bad, owners]).toEqual([[of(a), [], of(b)], [], [2, 0]]);
      expect(file).toMatchObject({ lines: 7, entries: 7 });
    }
  });

  test('tells lines that belong to no queue, are cut short, or none at all', async () => {
    const [queue, deleted] = [anyQueue(), anyQueue()];
    const [first, last] = [anyMessage(), anyMessage()];
    const good = messageLine(queue, first);
    const lines = ['', 'v2 x', good.replace('v3', 'v4'), 'v3', 'v3 *', `v3 * ${messageRest(first)}`, good, messageLine(deleted, first), `v3 ${'A'.repeat(300_000)}`, messageLine(queue, last)];
    const { found, bad } = await entries([queue], linesText(lines).slice(0, -1));
    expect(bad).toEqual([
      { line: 1, fault: 'WORD', loses: true }, { line: 2, fault: 'WORD', loses: true }, { line: 3, fault: 'WORD', loses: true }, { line: 4, fault: 'WORD', loses: true }, { line: 5, fault: 'FIELDS', loses: true },
      { line: 6, fault: 'ID', loses: true }, { line: 8, fault: 'NO_QUEUE', loses: false }, { line: 9, fault: 'LONG', loses: true }, { line: 10, fault: 'CUT', loses: true },
    ]);
    expect(found).toEqual([[[7, messageRest(first)]]]);
  });

  test('of a queue with more than is read at once is whole', async () => {
    const queue = anyQueue();
    const messages = Array.from({ length: 500 }, () => anyMessage({ body: unique(16_000) }));
    const { found } = await entries([queue], linesText(messages.map((message) => messageLine(queue, message))), 'messages', 1_000_000);
    expect(found[0]).toEqual(messages.map((message, i) => [i + 1, messageRest(message)]));
  });

  test('takes few bytes of memory for each queue', async () => {
    const queues = Array.from({ length: 3000 }, () => anyQueue());
    const { file } = await entries(queues, linesText(queues.flatMap((queue) => [1, 2].map(() => messageLine(queue, anyMessage())))), 'messages', 100_000);
    expect(file.memoryBytes).toBeLessThanOrEqual(28 * 32_768);
  });
});

test('a file of notifications gives each notifier its lines', async () => {
  const [queue, without] = [anyQueue({ notifier: anyNotifier() }), anyQueue()];
  const gone = anyNotifier();
  const lines = [notificationLine(queue.notifier!, anyNotification()), notificationLine(gone, anyNotification()), notificationLine(queue.notifier!, anyNotification())];
  const { found, bad } = await entries([queue, without], linesText(lines), 'notifications');
  expect(found.map((each) => each.map(([line]) => line))).toEqual([[1, 3], []]);
  expect(bad).toEqual([{ line: 2, fault: 'NO_NOTIFIER', loses: false }]);
});

describe('the messages of a queue', () => {
  const rests = (messages: readonly Message[]): string[] => messages.map(messageRest);

  test('of every kind, also with an empty body, are read', () => {
    const messages = [anyMessage({ notify: true }), anyMessage({ body: unique(16_088) }), anyMessage({ body: new Uint8Array(0) }), marker()];
    expect(folded(rests(messages))).toMatchObject({ bad: [], messages });
    const old = anyMessage();
    expect(folded([`${text(old.msgId)} ${old.ts} ${text(old.body)}`, `${messageRest(anyMessage())}\r`]).messages).toHaveLength(2);
    expect(folded([`${text(old.msgId)} ${old.ts} ${text(old.body)}`]).messages).toEqual([old]);
    expect(folded([`${text(old.msgId)} ${old.ts} flags=T12 ${text(old.body)}`]).messages).toEqual([{ ...old, notify: true }]);
  });

  test('take nothing behind a marker', () => {
    const [one, two, three, end, second] = [anyMessage(), anyMessage(), anyMessage(), marker(), marker()];
    expect(folded(rests([one, end, two, second, three]))).toMatchObject({
      messages: [one, end], bad: [{ line: 3, fault: 'MARKED', loses: true }, { line: 4, fault: 'MARKED', loses: false }, { line: 5, fault: 'MARKED', loses: true }],
    });
    // A marker that is the first one makes room for the next.
    expect(folded(rests([end, second]))).toMatchObject({ messages: [second], bad: [] });
    expect(folded(rests([end, one, second]))).toMatchObject({ messages: [second], bad: [{ line: 2, fault: 'MARKED', loses: true }] });
  });

  test('that are more than the queue holds end with a marker', () => {
    const messages = Array.from({ length: 6 }, () => anyMessage());
    const { messages: kept, bad } = folded(rests(messages), 4);
    expect(kept).toEqual([...messages.slice(0, 4), { kind: 'quota', msgId: messages[4]!.msgId, ts: messages[4]!.ts }]);
    expect(bad).toEqual([{ line: 5, fault: 'FULL', loses: true }, { line: 6, fault: 'MARKED', loses: true }]);
    expect(folded(rests([...messages.slice(0, 4), marker()]), 4)).toMatchObject({ bad: [] });
  });

  test('are each there once', () => {
    const [one, two] = [anyMessage(), anyMessage()];
    expect(folded(rests([one, two, one]))).toMatchObject({ messages: [one, two], bad: [{ line: 3, fault: 'REPEATED', loses: false }] });
  });

  test('expire from the head to the first that is newer, or a marker', () => {
    const at = (...times: readonly number[]) => folded(rests(times.map((ts) => anyMessage({ ts })))).fold.messages(100);
    expect(at(1, 99, 100, 5).messages.map(({ ts }) => ts)).toEqual([100, 5]);
    expect(at(1, 99, 100, 5).expired).toBe(2);
    expect(at(1, 2)).toEqual({ messages: [], expired: 2 });
    expect(at()).toEqual({ messages: [], expired: 0 });
    expect(folded(rests([anyMessage({ ts: 1 }), marker(2)])).fold.messages(100)).toMatchObject({ messages: [{ kind: 'quota' }], expired: 1 });
  });

  const [id, body] = [text(unique(24)), text(unique(5))];
  test.each<readonly [string, EntryFault]>([
    ['', 'ID'], [id, 'TIME'], [`${id} 7`, 'FIELDS'], [`${id} x quota`, 'TIME'], [`* 7 quota`, 'ID'], [`${id} 7 quota x`, 'FIELDS'], [`${id} 7 flags=T`, 'FIELDS'], [`${id} 7 flags=X ${body}`, 'FLAGS'],
    [`${id} 7 flags= ${body}`, 'FLAGS'], [`${id} 7 flags=T ${body} x`, 'FIELDS'], [`${id} 7 flags=T a+b/`, 'BODY'], [`${id} 7 flags=T ${text(new Uint8Array(16_089))}`, 'BODY'], [`${id} 999999999999999 quota`, 'TIME'],
  ])('%j is told as %s, and passed over', (rest, fault) => {
    const [before, after] = [anyMessage(), anyMessage()];
    expect(folded([messageRest(before), rest, messageRest(after)])).toMatchObject({ messages: [before, after], bad: [{ line: 2, fault, loses: true }] });
  });
});

describe('a notification', () => {
  const [id, nonce, meta] = [text(unique(24)), text(unique(24)), text(unique(144))];

  test('is read', () => {
    expect(readNotification(`${id} 7 ${nonce} ${meta}\r`)).toMatchObject({ ts: 7, nonce: expect.any(Uint8Array), encMeta: expect.any(Uint8Array) });
  });

  test.each<readonly [string, EntryFault]>([
    ['', 'FIELDS'], [`${id} 7 ${nonce}`, 'FIELDS'], [`* 7 ${nonce} ${meta}`, 'ID'], [`${id} x ${nonce} ${meta}`, 'TIME'], [`${id} 7 ${text(unique(23))} ${meta}`, 'NONCE'], [`${id} 7 ${text(unique(25))} ${meta}`, 'NONCE'],
    [`${id} 7 ${nonce} `, 'META'], [`${id} 7 ${nonce} ${text(new Uint8Array(256))}`, 'META'],
  ])('%j is told as %s', (rest, fault) => expect(readNotification(rest)).toBe(fault));
});

describe('a journal', () => {
  const queue = anyQueue();
  const messages = Array.from({ length: 5 }, () => anyMessage());
  const rests = messages.map(messageRest);
  const fileOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  const bytesOf = (...numbers: readonly number[]): number => fileOf(numbers.map((i) => rests[i]!)).length;
  const position = (id: string, count: number, bytes: number, all = bytes): string => `${id},${count},${count},${bytes},${all}`;

  async function read(state: string | null, files: Readonly<Record<string, string>>) {
    const [fold, bad]: [QueueFold, Bad[]] = [await foldOf([anyQueue(), queue]), []];
    const journal: JournalFiles = {
      state: async (id) => Promise.resolve(state !== null && toBase64Url(id) === toBase64Url(queue.recipientId) ? utf8(state) : null),
      messages: async (_, id) => Promise.resolve(files[id] === undefined ? null : utf8(files[id])),
    };
    const source = openJournal(fold, journal);
    const found: string[] = [];
    for (const owner of source.owners()) for await (const { line, rest } of source.entriesOf(owner, (line) => bad.push(line))) {
      expect(line).toBe(2);
      found.push(rest);
    }
    return { found, bad };
  }

  test('has what was written and not read, in one file or two', async () => {
    expect(await read(`write=${position('aa', 5, bytesOf(0, 1, 2, 3, 4))} read=${position('aa', 2, bytesOf(0, 1))} canWrite=T size=3\n`, { aa: fileOf(rests) })).toEqual({ found: rests.slice(2), bad: [] });
    expect(await read(`write=${position('b-', 2, bytesOf(3, 4))} read=${position('a_', 1, bytesOf(0), bytesOf(0, 1, 2))} canWrite=F size=4\n`, { a_: fileOf(rests.slice(0, 3)), 'b-': fileOf(rests.slice(3)) })).toEqual({ found: rests.slice(1), bad: [] });
    expect(await read(`write=${position('aa', 5, bytesOf(0, 1, 2, 3, 4))} read=${position('aa', 5, bytesOf(0, 1, 2, 3, 4))} canWrite=T size=0\n`, { aa: fileOf(rests) })).toEqual({ found: [], bad: [] });
    expect(await read(null, {})).toEqual({ found: [], bad: [] });
    expect(await read('', {})).toEqual({ found: [], bad: [] });
  });

  test('is what its last whole state says; what was written after it was never accepted', async () => {
    const state = (count: number): string => `write=${position('aa', count, bytesOf(...Array.from({ length: count }, (_, i) => i)))} read=${position('aa', 0, 0)} canWrite=T size=${count}`;
    expect(await read(`${state(1)}\n${state(2)}\n${state(3).slice(0, 40)}`, { aa: fileOf(rests) })).toEqual({ found: rests.slice(0, 2), bad: [] });
    expect(await read(`${state(1)}\r\n${state(2)}\r\n`, { aa: fileOf(rests) })).toEqual({ found: rests.slice(0, 2), bad: [] });
  });

  test('without its files, or with less in them, or without a state, is told', async () => {
    const state = `write=${position('aa', 2, bytesOf(0, 1))} read=${position('aa', 0, 0)} canWrite=T size=2\n`;
    expect(await read(state, {})).toEqual({ found: [], bad: [{ line: 2, fault: 'JOURNAL', loses: true }] });
    expect(await read(state, { aa: fileOf(rests).slice(0, bytesOf(0) + 3) })).toEqual({ found: rests.slice(0, 1), bad: [{ line: 2, fault: 'JOURNAL', loses: true }] });
    expect(await read('nonsense\n', { aa: fileOf(rests) })).toEqual({ found: [], bad: [{ line: 2, fault: 'STATE', loses: true }] });
    expect(await read(state.replaceAll('aa', '../aa'), { aa: fileOf(rests) })).toEqual({ found: [], bad: [{ line: 2, fault: 'STATE', loses: true }] });
  });
});
