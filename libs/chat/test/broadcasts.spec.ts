/** Messages to many members: in steps of a few, each member once whatever dies in between, one message after the other. No network: the agent's steps are written down. */
import type { Agent, AgentStep } from '@polyplex/agent';
import type { Member } from '@polyplex/chat';
import { MemoryRecordStore } from '@polyplex/testing';
import { silentLogger } from '@polyplex/telemetry';
import { expect, test } from 'vitest';
import { ApplicationStep } from '../src/application-step.ts';
import { ChatCounts } from '../src/chat-counts.ts';
import { outgoing } from '../src/compose.ts';
import { sendToMembers } from '../src/groups/send.ts';
import { ChatReader } from '../src/records/chat-reader.ts';
import type { TaskRecord } from '../src/records/records.ts';
import { ReadableRecords } from '../src/records/typed-records.ts';
import { Step, type StepContext } from '../src/step.ts';
import { broadcasting } from '../src/tasks/broadcasts.ts';
import type { TaskContext } from '../src/tasks/performer.ts';

const MEMBERS = 300;
const SLICE = 4;

interface Sent {
  readonly to: string;
  readonly text: string;
}

/** A client without a network; `dieAfter` changes nothing is stored any more. */
class Bench {
  readonly store = new MemoryRecordStore();
  readonly sent: Sent[] = [];
  readonly deleted: string[] = [];
  /** How many were sent to in each step. */
  readonly steps: number[] = [];
  tasks: { readonly key: string; readonly record: TaskRecord }[] = [];
  dieAfter = Infinity;
  readonly #context: StepContext = {
    application: { onEvent: () => undefined }, profile: { displayName: 'we', fullName: '' }, acceptsContacts: true, counts: new ChatCounts(), log: silentLogger, random: Math.random,
    begin: (key: string, record: TaskRecord) => this.tasks.push({ key, record }),
    face: (step: Step) => new ApplicationStep(step),
  } as unknown as StepContext;

  async change<T>(work: (step: Step) => T): Promise<T> {
    if (this.dieAfter-- <= 0) return new Promise(() => undefined);
    const sent: Sent[] = [];
    const afterwards: (() => void)[] = [];
    const result = await this.store.change((records) => {
      const agentStep = {
        records, now: 0,
        send: (to: string, body: Uint8Array) => sent.push({ to, text: new TextDecoder().decode(body) }),
        acknowledge: () => undefined, allow: () => undefined, reject: () => undefined, setUserData: () => undefined,
        delete: (connectionId: string) => void this.deleted.push(connectionId),
        afterwards: (then: () => void) => void afterwards.push(then),
      } as unknown as AgentStep;
      const step = new Step(agentStep, this.#context);
      const worked = work(step);
      step.settle();
      return worked;
    });
    this.sent.push(...sent);
    if (sent.length > 0) this.steps.push(sent.length);
    for (const then of afterwards) then();
    return result;
  }

  get context(): TaskContext {
    return {
      agent: null as unknown as Agent, random: Math.random, isClosed: () => this.dieAfter <= 0,
      read: (work) => this.store.read((records) => work(new ChatReader(new ReadableRecords(records)))),
      change: (work) => this.change(work),
    };
  }

  /** As the runner: in their order. */
  async perform(): Promise<void> {
    for (const { key, record } of this.tasks.splice(0)) {
      const settling = {
        inStep: () => undefined,
        change: (work: (step: Step) => void) => this.change((step) => {
          step.records.remove('task', key);
          work(step);
        }),
      };
      if (record.task.do === 'broadcast') await broadcasting.perform(this.context, record.task, { key, settling });
    }
  }

  /** What is left in the store. */
  restart(): void {
    this.dieAfter = Infinity;
    this.tasks = this.store.read((records) => records.list('task', '').map(({ key, value }) => ({ key, record: value as TaskRecord })));
  }
}

async function crowd(): Promise<Bench> {
  const bench = new Bench();
  await bench.change((step) => {
    const { groupId } = step.addGroup({ profile: { displayName: 'g', fullName: '' }, own: { memberId: 'AAAA', role: 'owner', status: 'creator' }, host: null, connRequest: null, link: null });
    for (let i = 0; i < MEMBERS; i++) {
      const member = step.addMember({
        groupId, memberId: `m${String(i)}`, role: i === 7 ? 'admin' : 'member', category: 'invitee', status: 'connected', profile: { displayName: `m${String(i)}`, fullName: '' },
        versions: { min: 1, max: 17 }, contactId: null, invitedBy: null, connectionId: `c${String(i)}`,
      });
      step.updateMember(member, { isReady: i !== 5 });
    }
  });
  return bench;
}

const membersOf = (bench: Bench): readonly Member[] => bench.context.read((reader) => reader.members(1));
const face = (bench: Bench, work: (step: ApplicationStep) => unknown): Promise<unknown> => bench.change((step) => work(new ApplicationStep(step)));
const everybody = Array.from({ length: MEMBERS }, (_, i) => `c${String(i)}`).filter((to) => to !== 'c5');

test('a message to a crowd is a task, in steps of few, once to each; the next comes after it', async () => {
  const bench = await crowd();
  await face(bench, (step) => [step.sendToGroup(1, { type: 'text', text: 'first' }), step.sendToGroup(1, { type: 'text', text: 'second' })]);
  // To few, and still in its turn.
  await bench.change((step) => sendToMembers(step, 1, { members: [1, 2], message: outgoing({ event: 'x.grp.leave', params: {} }) }));
  expect(bench.sent).toEqual([]);
  await bench.perform();
  expect(bench.sent.splice(-2).map(({ to, text }) => [to, text.includes('x.grp.leave')])).toEqual([['c0', true], ['c1', true]]);
  expect(Math.max(...bench.steps)).toBe(SLICE);
  const told = (word: string): string[] => bench.sent.filter(({ text }) => text.includes(word)).map(({ to }) => to);
  expect(told('first')).toEqual(everybody);
  expect(told('second')).toEqual(everybody);
  expect(bench.sent.findIndex(({ text }) => text.includes('second'))).toBe(everybody.length);
  // The one without a connection gets both later.
  expect(bench.store.read((records) => records.list('waiting', '')).map(({ value }) => (value as { text: string }).text.includes('first'))).toEqual([true, false]);
  expect(bench.store.read((records) => [...records.list('task', ''), ...records.list('progress', '')])).toEqual([]);
});

test.each([1, 2, 3, 7, 18, 19, 20])('it goes on where it died, after %i changes', async (dieAfter) => {
  const bench = await crowd();
  await face(bench, (step) => step.sendToGroup(1, { type: 'text', text: 'first' }));
  bench.dieAfter = dieAfter;
  await Promise.race([bench.perform(), new Promise((resolve) => setTimeout(resolve, 50))]);
  bench.restart();
  await bench.perform();
  expect(bench.sent.map(({ to }) => to)).toEqual(everybody);
  // Nothing is under way any more: few are told at once.
  await face(bench, (step) => step.removeMember(1, 8));
  await bench.perform();
  await bench.change((step) => {
    for (const member of membersOf(bench).slice(4)) step.updateMember(member, { status: 'left' });
  });
  bench.sent.splice(0);
  await face(bench, (step) => step.sendToGroup(1, { type: 'text', text: 'few' }));
  expect(bench.sent.map(({ to }) => to)).toEqual(['c0', 'c1', 'c2', 'c3']);
});

test('a crowd is left: each is told, and then its connection goes', async () => {
  const bench = await crowd();
  await face(bench, (step) => step.leaveGroup(1));
  await bench.perform();
  expect(bench.sent.map(({ to }) => to)).toEqual(everybody);
  expect(bench.deleted).toEqual(Array.from({ length: MEMBERS }, (_, i) => `c${String(i)}`));
  expect(membersOf(bench).every(({ connectionId, isReady }) => connectionId === null && !isReady)).toBe(true);
  expect(bench.store.read((records) => [...records.list('waiting', ''), ...records.list('owner', '')])).toEqual([]);
});

test('the roster says of a crowd what its records do', async () => {
  const bench = await crowd();
  await bench.change((step) => {
    for (const member of membersOf(bench)) if (member.memberNumber % 3 === 0) step.updateMember(member, { status: member.memberNumber % 2 === 0 ? 'left' : 'pending_review', role: 'moderator' });
  });
  const { roster, group } = bench.context.read((reader) => ({ roster: reader.roster(1), group: reader.group(1)! }));
  const members = membersOf(bench).filter(({ status }) => status !== 'left');
  expect(roster.map((entry) => [entry.memberNumber, entry.isCurrent, entry.isPending, entry.isReady, entry.isModerator])).toEqual(members.map(({ memberNumber, status, isReady, role }) =>
    [memberNumber, status === 'connected', status === 'pending_review', isReady, role !== 'member']));
  expect(group.currentMembers).toBe(members.filter(({ status }) => status === 'connected').length + 1);
});
