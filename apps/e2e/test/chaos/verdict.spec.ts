/** The judge of the chaos tests on made-up histories: each count rises for what it is about, and for nothing else. */
import { beforeEach, expect, test } from 'vitest';
import { Clients } from './fake-clients.ts';
import { judge } from './verdict.ts';
import { progressOf } from './progress.ts';

const [A, B] = [1, 2];
let clients: Clients;
beforeEach(() => {
  clients = new Clients();
});

const all = { from: 0, to: Infinity };
const clean = { lost: 0, doubles: 0, misordered: 0, redelivered: 0, unfoundedEnds: 0, endsByClosed: 0, storedTwice: 0, allowed: 0 };

test('an ordinary course is clean: takeover, redelivery of what was not acknowledged, an answer that never came', () => {
  clients.subscribe(A).send(0).deliver(0, A).ack(0, A);
  clients.send(1).deliver(1, A).subscribe(B).deliver(1, B).end(A).ack(1, B);
  clients.sendUnanswered(2).send(3).deliver(3, B).ack(3, B).subscribe(A).end(B);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, accepted: 3, unknown: 1, delivered: 3, duplicates: 1 });
});

test('lost: answered OK and never delivered, or only to a connection that was given up', () => {
  clients.subscribe(A).send(0).send(1).deliver(0, A, false);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, lost: 2 });
  expect(judge(clients.history, { ...all, mayLose: [{ from: 0, to: clients.now }] })).toMatchObject({ ...clean, allowed: 2 });
  expect(judge(clients.history, { from: clients.now + 1, to: Infinity })).toMatchObject({ ...clean, accepted: 0 });
});

test('double: delivered to the older connection though sent after the younger one was answered', () => {
  clients.subscribe(A).subscribe(B).send(0).deliver(0, A);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, doubles: 1 });
  clients.deliver(0, B);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, doubles: 1, duplicates: 1 });
});

test('double, too, where the younger connection is gone and the message was on its way for long', () => {
  clients.subscribe(A).subscribe(B).send(0).send(1).deliver(0, B).ack(0, B).deliver(1, A, false);
  expect(judge(clients.history, all)).toMatchObject({ doubles: 1, lost: 1 });
});

test('no double: sent before the younger was answered, or the older asked again, answered or not', () => {
  clients.subscribe(A).send(0).subscribe(B).deliver(0, A);
  clients.subscribe(A).send(1).deliver(1, A);
  clients.subscribe(B).subscribeUnanswered(A).send(2).deliver(2, A);
  expect(judge(clients.history, all)).toMatchObject(clean);
});

test('redelivered: after its ACK was answered, to the same connection or to one that asked afterwards', () => {
  clients.subscribe(A).send(0).deliver(0, A).ack(0, A).deliver(0, A);
  clients.subscribe(B).deliver(0, B);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, redelivered: 2, duplicates: 2 });
});

test('not redelivered: another connection that had the queue before may get it late', () => {
  clients.subscribe(A).subscribe(B).send(0);
  clients.subscribe(A).deliver(0, A).ack(0, A).deliver(0, B);
  expect(judge(clients.history, all)).toMatchObject({ redelivered: 0 });
});

test('misordered: first seen after one that was sent later', () => {
  clients.subscribe(A).send(0).send(1).deliver(1, A).ack(1, A).deliver(0, A);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, misordered: 1 });
});

test('not misordered: what was not answered when the other was sent', () => {
  clients.subscribe(A).sendUnanswered(0).send(1).deliver(1, A).ack(1, A).deliver(0, A);
  expect(judge(clients.history, all)).toMatchObject(clean);
});

test('END needs a reason: a SUB of another connection that may have come later, answered or not', () => {
  clients.subscribe(A).end(A);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, unfoundedEnds: 1 });
  clients.subscribe(A).subscribeUnanswered(B).end(A);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, unfoundedEnds: 1 });
});

test('END by a connection that was closed before the queue was asked for is counted apart', () => {
  clients.subscribeUnanswered(B).close(B).subscribe(A).end(A);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, endsByClosed: 1 });
});

test('stored twice: after its ACK, but its SEND was never answered', () => {
  clients.subscribe(A).sendUnanswered(0).deliver(0, A).ack(0, A).deliver(0, A);
  expect(judge(clients.history, all)).toMatchObject({ ...clean, storedTwice: 1 });
});

test('the worst gap is the longest silence of any queue, at the ends of the time too', () => {
  clients.subscribe(A).send(0).deliver(0, A).ack(0, A);
  const { now } = clients;
  expect(judge(clients.history, { from: 0, to: now + 500 }).worstGapMs).toBeGreaterThanOrEqual(500);
});

test('a queue is stuck until something arrives that was sent after the moment in question', () => {
  clients.subscribe(A).send(0).send(1);
  const since = clients.now;
  clients.deliver(0, A).deliver(1, A);
  expect(progressOf(clients.history, since)).toEqual([0]);
  clients.send(2).deliver(2, A, false);
  expect(progressOf(clients.history, since)).toEqual([0]);
  clients.deliver(2, A);
  expect(progressOf(clients.history, since)).toEqual([]);
});
