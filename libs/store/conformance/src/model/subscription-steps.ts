/**
 * Random steps on notifiers, subscriptions and services. Who becomes a service's session when several ask at once is
 * open where they name different queues, so steps that make sessions run alone.
 */
import { idKey } from '@polyplex/base';
import { expect } from 'vitest';
import type { ConnectionId } from '@polyplex/store-contract';
import { anyNotifier, whole } from '../builders.ts';
import type { Run } from './run.ts';
import { isSame, type ModelQueue } from './state.ts';
import type { Input, Steps } from './step.ts';

/** The queues of one call, some twice, with the records to name them by. */
function several(run: Run, { a, b, c, old }: Input) {
  return Array.from({ length: c + 1 }, (_, i) => run.queue(i === 2 ? a : a + b * i)).flatMap((queue) => {
    const known = run.known(queue, old);
    return known === null ? [] : [{ queue, known }];
  });
}

function subscribeNotifiers(run: Run, input: Input, serviceId: Uint8Array | null): void {
  const by = run.connection(input.b);
  const items = several(run, input);
  const answer = run.store.subscribeNotifiers(items.map(({ known }) => known.record), by, serviceId);
  const checks = items.map(({ queue, known }) => {
    const isOk = run.isPresent(queue, known) && queue.facts!.notifier !== null;
    if (isOk) run.model.claimNotifier(queue, by, serviceId);
    const { version } = queue;
    return (claim: unknown) => (isOk ? run.expectOk(queue, version, claim) : run.expectStale(queue, version, claim));
  });
  void run.expect(answer, (claims) => {
    expect(claims).toHaveLength(checks.length);
    whole(claims).forEach((claim, i) => checks[i]!(claim));
  });
}

function subscribe(run: Run, input: Input): void {
  const by = run.connection(input.b);
  const items = several(run, input);
  const withHeads = input.x;
  const answer = run.store.subscribe(items.map(({ known }) => known.record), by, withHeads);
  const checks = items.map(({ queue, known }) => {
    const { version } = queue;
    if (!run.isPresent(queue, known)) return (claim: unknown) => run.expectStale(queue, version, claim);
    run.model.claim(queue, by);
    const head = queue.messages[0] ?? null;
    queue.told = head !== null;
    return (claim: unknown) => {
      run.expectOk(queue, version, claim);
      expect(claim).toMatchObject({ pending: head !== null, head: withHeads ? head : null });
    };
  });
  void run.expect(answer, (claims) => {
    expect(claims).toHaveLength(checks.length);
    whole(claims).forEach((claim, i) => checks[i]!(claim));
  });
}

function endNotifier(run: Run, queue: ModelQueue, by: ConnectionId | null): void {
  if (queue.facts!.notifier !== null) run.model.endNotifier(queue, by);
}

export const subscriptionSteps: Steps = {
  subscribe,

  subscribeNotifiers: (run, input) => subscribeNotifiers(run, input, null),

  subscribeNotifiersByService: async (run, input) => {
    await run.quiet();
    subscribeNotifiers(run, input, run.services[input.y ? 1 : 0]);
    await run.quiet();
  },

  subscribeService: async (run, { a, b }) => {
    await run.quiet();
    const serviceId = run.services[a % 2]!;
    const by = run.connection(b);
    const queues = run.model.associated(serviceId);
    const session = run.model.takeSession(serviceId, by);
    session.all = true;
    session.counted.clear();
    for (const queue of queues) {
      session.counted.add(idKey(queue.facts!.notifier!.notifierId));
      queue.toldNotifier = false;
    }
    void run.expect(run.store.subscribeService(serviceId, 'N', by), (answer) => expect(answer).toBe(queues.length));
    await run.quiet();
  },

  setNotifier: (run, { a, b, c, old }) => {
    const queue = run.queue(a);
    const notifier = anyNotifier({ serviceId: c === 0 ? run.services[b % 2]! : null });
    void run.step(queue, old, (ref) => run.store.setNotifier(ref, notifier, null), () => {
      endNotifier(run, queue, null);
      queue.change({ notifier });
      run.model.joinNotifier(queue);
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  setNotifierAgain: (run, { a, old }) => {
    const queue = run.queue(a);
    const known = run.known(queue, old);
    const notifier = queue.facts?.notifier;
    if (known === null || !notifier) return;
    const { version } = queue;
    const answer = run.store.setNotifier(known.record, { ...notifier, serviceId: null }, null);
    void run.expect(answer, (value) => run.expectOk(queue, version, value));
  },

  deleteNotifier: (run, { a, old }) => {
    const queue = run.queue(a);
    void run.step(queue, old, (ref) => run.store.deleteNotifier(ref, null), () => {
      endNotifier(run, queue, null);
      if (queue.facts!.notifier !== null) queue.change({ notifier: null });
      const { version } = queue;
      return (answer) => run.expectOk(queue, version, answer);
    });
  },

  collideNotifier: async (run, { a, b }) => {
    await run.quiet();
    const [queue, other] = [run.queue(a), run.queue(b)];
    const taken = other.facts?.notifier;
    const known = run.known(queue, false);
    if (queue.facts === null || known === null || !taken || isSame(queue.given.recipientId, other.given.recipientId)) return;
    void run.expect(
      run.store.setNotifier(known.record, anyNotifier({ notifierId: taken.notifierId }), null),
      (answer) => (run.isPresent(queue, known) ? expect(answer).toEqual({ status: 'collision' }) : undefined),
    );
    await run.quiet();
  },

  release: (run, { a }) => run.release(a),
};
