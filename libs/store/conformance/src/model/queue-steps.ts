/** Random steps that make, change, read and delete queues. */
import { expect } from 'vitest';
import type { BlockingInfo } from '@polyplex/store-contract';
import { anyId, anyKey, anyNotifier, anyQueue, bytes, DAY } from '../builders.ts';
import type { Run } from './run.ts';
import { isSame, ModelQueue } from './state.ts';
import type { Steps } from './step.ts';

const MAX_QUEUES = 6;
/** Deleted queues that steps still try. */
const MAX_GONE = 2;

const anySmallLink = () => ({ linkId: anyId(), data: { fixedData: bytes(20), userData: bytes(20) } });

/** A call of `create` for a queue that the model has already. */
function expectCreated(run: Run, queue: ModelQueue, by: number | null): Promise<void> {
  const answer = run.store.create(queue.given, by);
  if (by !== null) {
    run.model.claim(queue, by);
    queue.told = false;
  }
  const { version } = queue;
  return run.expect(answer, (value) => run.expectOk(queue, version, value));
}

export const queueSteps: Steps = {
  create: async (run, { a, b, x, y, c }) => {
    const { model } = run;
    if (model.live.length >= MAX_QUEUES) return;
    const serviceId = c === 0 ? run.services[b % 2]! : null;
    const queue = new ModelQueue(anyQueue({
      notifier: x ? anyNotifier({ serviceId }) : null,
      link: y ? anySmallLink() : null,
      serviceId: b % 3 === 0 ? run.services[0] : null,
      senderKey: b % 3 === 1 ? anyKey() : null,
    }));
    const gone = model.queues.filter(({ facts }) => facts === null);
    model.queues = [...model.queues.filter((each) => each !== gone[MAX_GONE - 1]), queue];
    if (queue.facts!.notifier !== null) model.joinNotifier(queue);
    const answers = [expectCreated(run, queue, a % 2 === 0 ? run.connection(b) : null)];
    if (c === 1) answers.push(expectCreated(run, queue, run.connection(b + 1)));
    await Promise.all(answers); // steps need the record
  },

  createAgain: (run, { a, b }) => {
    const queue = run.queue(a);
    if (queue.facts !== null) void expectCreated(run, queue, run.connection(b));
  },

  collide: async (run, { a, b, c }) => {
    await run.quiet();
    const { facts } = run.queue(a);
    if (facts === null) return;
    const given = anyQueue({ notifier: anyNotifier(), link: anySmallLink() });
    const taken = [
      { recipientId: facts.recipientId }, { senderId: facts.senderId },
      { notifier: { ...given.notifier!, notifierId: facts.notifier?.notifierId ?? new Uint8Array(0) } },
      { link: { ...given.link!, linkId: facts.linkId ?? new Uint8Array(256) } },
    ][c]!;
    void run.expect(run.store.create({ ...given, ...taken }, run.connection(b)), (answer) =>
      expect(answer).toEqual({ status: 'collision' }));
  },

  secure: (run, { a, old, x }) => {
    const queue = run.queue(a);
    const key = (x ? queue.facts?.senderKey : null) ?? anyKey();
    void run.step(queue, old, (ref) => run.store.secure(ref, key), () => {
      const { senderKey } = queue.facts!;
      if (senderKey !== null && !isSame(senderKey.raw, key.raw)) return (answer) => expect(answer).toEqual({ status: 'refused' });
      if (senderKey === null) queue.change({ senderKey: key });
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  setRecipientKeys: (run, { a, old }) => {
    const queue = run.queue(a);
    const recipientKeys = [anyKey(), anyKey('ed448')];
    void run.step(queue, old, (ref) => run.store.setRecipientKeys(ref, recipientKeys), () => {
      queue.change({ recipientKeys });
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  suspend: (run, { a, old }) => {
    const queue = run.queue(a);
    void run.step(queue, old, (ref) => run.store.suspend(ref), () => {
      if (queue.facts!.status.state !== 'off') queue.change({ status: { state: 'off' } });
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  block: (run, { a, old, x }) => {
    const queue = run.queue(a);
    const info: BlockingInfo = { reason: x ? 'spam' : 'content', notice: x ? { ttl: 60 } : null };
    void run.step(queue, old, (ref) => run.store.block(ref, info), () => {
      if (queue.facts!.status.state === 'off') return (answer) => expect(answer).toEqual({ status: 'refused' });
      queue.change({ status: { state: 'blocked', info } });
      if (queue.subscriber !== null) run.model.tell(queue.subscriber, 'blocked', queue.given.recipientId, info.reason);
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  unblock: (run, { a, old }) => {
    const queue = run.queue(a);
    void run.step(queue, old, (ref) => run.store.unblock(ref), () => {
      const { state } = queue.facts!.status;
      if (state === 'off') return (answer) => expect(answer).toEqual({ status: 'refused' });
      if (state === 'blocked') queue.change({ status: { state: 'active' } });
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  touch: (run, { a, b }) => {
    const queue = run.queue(a);
    const day = DAY + 86_400 * (b % 3);
    const known = run.known(queue, false);
    queue.days.add(day);
    if (known !== null) run.store.touch(known.record, day);
  },

  setLink: (run, { a, old, x, y }) => {
    const queue = run.queue(a);
    const [linkId, link] = [queue.facts?.linkId ?? null, queue.link];
    const given = anySmallLink();
    if (x && linkId !== null && link !== null) Object.assign(given, { linkId, data: { ...given.data, fixedData: link.fixedData } });
    if (y && !x && linkId !== null) Object.assign(given, { linkId });
    void run.step(queue, old, (ref) => run.store.setLink(ref, given.linkId, given.data), () => {
      const isSameLink = linkId !== null && isSame(linkId, given.linkId) && isSame(link!.fixedData, given.data.fixedData);
      if (linkId !== null && !isSameLink) return (answer) => expect(answer).toEqual({ status: 'refused' });
      if (linkId === null) queue.change({ linkId: given.linkId });
      queue.link = given.data;
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  deleteLink: (run, { a, old }) => {
    const queue = run.queue(a);
    void run.step(queue, old, (ref) => run.store.deleteLink(ref), () => {
      if (queue.facts!.linkId !== null) queue.change({ linkId: null });
      queue.link = null;
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  linkData: (run, { a, old }) => {
    const queue = run.queue(a);
    const known = run.known(queue, old);
    const { link } = queue;
    if (known !== null) void run.expect(run.store.linkData(known.record), (answer) => expect(answer).toEqual(link));
  },

  delete: (run, { a, b, c, old }) => {
    const queue = run.queue(a);
    const by = [null, run.connection(b), queue.subscriber, run.model.holder(queue)][c]!;
    void run.step(queue, old, (ref) => run.store.delete(ref, by), () => {
      const messages = queue.messages.length;
      if (queue.subscriber !== null && queue.subscriber !== by) {
        run.model.tell(queue.subscriber, 'deleted recipient', queue.given.recipientId);
      }
      if (queue.facts!.notifier !== null) run.model.endNotifier(queue, by);
      queue.change(null);
      Object.assign(queue, { messages: [], last: null, link: null, subscriber: null });
      const { version } = queue;
      return (answer) => {
        expect(answer).toEqual({ status: 'ok', messages });
        queue.answered = Math.max(queue.answered, version);
      };
    });
  },

  find: (run, { a, b, c }) => {
    const queues = [run.queue(a), run.queue(b), run.queue(a)];
    const party = (['recipient', 'sender'] as const)[c % 2]!;
    const seen = queues.map(({ answered }) => Math.max(answered, 0));
    const ids = queues.map(({ given }) => (party === 'recipient' ? given.recipientId : given.senderId));
    void run.expect(run.store.find(party, ids), (answer) => {
      queues.forEach((queue, i) => run.expectSome(queue, seen[i]!, answer[i]));
    });
  },
};
