/** To whom a host passes on what members say (directory §2.4): by what it concerns, and by who wait; on a relay in memory. */
import type { Member } from '@polyplex/chat';
import { CHAT_VERSIONS, type SentEvent } from '@polyplex/protocol-chat';
import { MemoryRecordStore } from '@polyplex/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forward } from '../../src/groups/host/forward.ts';
import { beginIntroduction } from '../../src/groups/host/introduction-task.ts';
import { introduceTo, setReaches } from '../../src/groups/host/relations.ts';
import { markReceived } from '../../src/groups/membership/forwarded.ts';
import { keyOf } from '../../src/records/keys.ts';
import type { Step } from '../../src/step.ts';
import { ChatClient } from '../support/chat-client.ts';
import { ChatRelay } from '../simulation/chat-relay.ts';
import { quiet } from './support/hosting.ts';
import { openSimRelays } from './support/sim-relays.ts';

const SERVER = 'smp://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=@relay.example';

let groupId = 0;
let numbers: Record<string, number> = {};
let host: ChatClient;

afterEach(() => {
  expect(host.problems).toEqual([]);
  host.close();
});

/** No member has a connection: what goes to one waits. */
beforeEach(async () => {
  host = new ChatClient('host', { relays: [SERVER], openRelays: openSimRelays(new ChatRelay(() => Date.now())), store: new MemoryRecordStore() });
  const fields = { category: 'invitee', versions: CHAT_VERSIONS, contactId: null, invitedBy: null } as const;
  await host.chat.inner((step) => {
    ({ groupId } = step.addGroup({ profile: { displayName: 'group', fullName: '' }, own: { memberId: 'aG9zdA', role: 'owner', status: 'creator' }, host: null, connRequest: null, link: null }));
    const add = (name: string, other: Partial<Pick<Member, 'role' | 'status' | 'versions'>> = {}): number =>
      step.addMember({ ...fields, groupId, memberId: step.newId(), role: 'member', status: 'connected', profile: { displayName: name, fullName: '' }, ...other }).memberNumber;
    numbers = {
      ann: add('ann'), ben: add('ben'), met: add('met'), old: add('old', { versions: { min: 1, max: 3 } }), mod: add('mod', { role: 'moderator' }),
      'mod-14': add('mod-14', { role: 'moderator', versions: { min: 1, max: 14 } }), waits: add('waits', { status: 'pending_approval' }), reviewed: add('reviewed', { status: 'pending_review' }),
      gone: add('gone', { status: 'left' }),
    };
    const [ann, mod, reviewed] = [numbers['ann']!, numbers['mod']!, numbers['reviewed']!];
    introduceTo(step.records, { groupId, member: ann, others: Object.values(numbers).filter((number) => ![ann, numbers['waits'], reviewed].includes(number)) });
    introduceTo(step.records, { groupId, member: reviewed, others: [mod] });
    introduceTo(step.records, { groupId, member: mod, others: [numbers['ben']!] });
    setReaches(step.records, { groupId, from: ann, to: numbers['met']! });
  });
});

const nameOf = (number: number): string => Object.entries(numbers).find(([, one]) => one === number)![0];

/** Who gets it, by name. */
async function passedTo(author: string, event: SentEvent, fields: Partial<Member> = {}, before: (step: Step) => void = () => undefined): Promise<string[]> {
  await host.chat.inner((step) => {
    before(step);
    const member: Member = { ...step.knownMember(groupId, numbers[author]!), ...fields };
    const json = { v: '1-17', msgId: 'aWQ', event: event.event, params: event.params };
    forward(step, { group: step.knownGroup(groupId), author: member, via: null }, { ...event, versions: CHAT_VERSIONS, msgId: 'aWQ', json, at: '2026-11-29T10:00:00Z' });
  });
  // To more than a few by a task.
  while (host.chat.gauges().tasks > 0) await new Promise(setImmediate);
  return host.chat.inner(({ records }) => records.list('waiting', `${keyOf(groupId)}/`).map(({ key }) => nameOf(Number(key.split('/')[1]))).sort());
}

const says = (scope?: string): SentEvent => ({ event: 'x.msg.new', params: { content: { type: 'text', text: 'hi' }, ...(scope === undefined ? {} : { scope: { type: 'member', memberId: idOf(scope) } }) } });
const idOf = (name: string): string => host.chat.read((reading) => reading.member(groupId, numbers[name]!)!.memberId);

test('to those it was introduced to and does not reach, who are there and take it', async () => {
  expect(await passedTo('ann', says())).toEqual(['ben', 'mod', 'mod-14']);
});

test('each way by itself', async () => {
  expect(await passedTo('met', says())).toEqual(['ann']);
});

test('nothing of who is blocked, or where we are no admin', async () => {
  expect(await passedTo('ann', says(), { isBlocked: true })).toEqual([]);
  expect(await passedTo('ann', says(), {}, (step) => step.updateGroup(groupId, { own: { memberId: 'aG9zdA', role: 'member', status: 'connected' } }))).toEqual([]);
});

test('what is in a support chat to moderators who know it, and to whose it is', async () => {
  expect(await passedTo('ann', says('ann'))).toEqual(['mod']);
});

test.each([['ann', ['mod']], [undefined, ['ben', 'mod', 'mod-14']]] as const)('of a file in the support chat of %s as the file', async (chat, expected) => {
  const received = (step: Step): void => markReceived(step, { group: step.knownGroup(groupId), author: step.knownMember(groupId, numbers['ann']!), via: null },
    { ...says(chat), versions: CHAT_VERSIONS, msgId: 'ZmlsZQ', json: {}, at: '2026-11-29T10:00:00Z' });
  const fileDescr = { fileDescrText: 'secret', fileDescrPartNo: 1, fileDescrComplete: true };
  expect(await passedTo('ann', { event: 'x.msg.file.descr', params: { msgId: 'ZmlsZQ', fileDescr } }, {}, received)).toEqual(expected);
});

test('of a moderator in the chat of another', async () => {
  expect(await passedTo('mod', says('ben'))).toEqual(['ben']);
});

test('of who is reviewed to moderators', async () => {
  expect(await passedTo('reviewed', says())).toEqual(['mod']);
});

test('what concerns everybody to who waits, too', async () => {
  expect(await passedTo('ann', { event: 'x.grp.del', params: {} })).toEqual(['ben', 'mod', 'mod-14', 'reviewed', 'waits']);
  expect(await passedTo('ann', { event: 'x.grp.leave', params: {} })).toHaveLength(8);
});

test('who is to be reviewed to moderators alone', async () => {
  const memberInfo = { memberId: 'bmV3', memberRole: 'member', profile: { displayName: 'new', fullName: '' } } as const;
  expect(await passedTo('ann', { event: 'x.grp.mem.new', params: { memberInfo, scope: { type: 'member', memberId: 'bmV3' } } })).toEqual(['mod']);
});

test('later, to and from who is being introduced', async () => {
  const introducing = (name: string) => (step: Step): void => step.records.put('introducing', keyOf(groupId, numbers[name]!), 'all');
  const delayed = (): Promise<string[]> => host.chat.inner((step) => step.records.list('delayed').map(({ key, value }) => `${value.is} ${nameOf(Number(key.split('/')[1]))}`));
  expect(await passedTo('ann', says(), {}, introducing('ben'))).toEqual(['mod', 'mod-14']);
  expect(await delayed()).toEqual(['to ben']);
  expect(await passedTo('ann', says(), {}, introducing('ann'))).toEqual(['mod', 'mod-14']);
  expect(await delayed()).toEqual(['from ann', 'to ben']);
});

test('what was kept for the end of an introduction waits with the rest where the newcomer cannot be reached, and nobody hears of it yet', async () => {
  const message = { text: '{"v":"1-17","event":"x.ok","params":{}}', event: 'x.grp.msg.forward', notify: false, isForwardable: false } as const;
  await host.chat.inner((step) => {
    const ben = step.knownMember(groupId, numbers['ben']!);
    step.records.put('delayed', keyOf(groupId, ben.memberNumber, 1), { is: 'to', message });
    step.records.put('delayed', keyOf(groupId, ben.memberNumber, 2), { is: 'from', message });
    beginIntroduction(step, ben, 'all');
  });
  await quiet(host);
  const waits = await host.chat.inner((step) => Object.fromEntries(['ann', 'ben', 'met', 'gone', 'waits'].map((name) => [name, step.records.list('waiting', `${keyOf(groupId, numbers[name]!)}/`).map(({ value }) => value.event)])));
  expect(waits).toEqual({
    ann: ['x.grp.msg.forward'], ben: ['x.grp.msg.forward'], met: [], gone: [], waits: [],
  });
  expect(await host.chat.inner(({ records }) => [records.list('delayed'), records.list('introducing')])).toEqual([[], []]);
});

test('nothing that does not fit', async () => {
  expect(await passedTo('ann', { event: 'x.msg.new', params: { content: { type: 'text', text: 'x'.repeat(15_450) } } })).toEqual([]);
});
