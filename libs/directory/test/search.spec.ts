/** Search and its pages (directory §3.6; §6 scenarios 2, 6 and 8). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Group } from '@polyplex/chat';
import { SearchIndex } from '../src/search/search-index.ts';
import type { Registration, SearchCursor, SearchQuery } from '../src/records/records.ts';
import { Bot } from './support/bot.ts';
import { linkOf } from './support/links.ts';
import type { InvitedGroup } from './support/people.ts';

function begin(options = {}) {
  const bot = new Bot({ pageSize: 3, ...options });
  const alice = bot.person('alice');
  const bob = bot.person('bob');
  const cath = bot.person('cath');
  return { bot, alice, bob, cath };
}

const titles = (answers: readonly string[]): string[] => answers.slice(1).map((text) => text.split('\n')[0]!);

/** Groups `g1`… of ascending sizes, all listed. */
function listed(count: number) {
  const scene = begin();
  const groups: InvitedGroup[] = [];
  for (let number = 1; number <= count; number++) {
    const group = scene.bob.registers(`g${number}`);
    for (let more = 0; more < number; more++) group.adds(`m${more}`);
    group.approvedBy(scene.alice);
    scene.bot.pass(60_000);
    groups.push(group);
  }
  return { ...scene, groups };
}

describe('scenario 8: pages', () => {
  test('of a search, the largest groups first', () => {
    const { bob } = listed(8);
    const first = bob.says('g');
    expect(first[0]).toBe('Found 8 group(s), sending top 3.');
    expect(titles(first)).toEqual(['g8', 'g7', 'g6', 'Send /next for 5 more result(s).']);
    const second = bob.says('/next');
    expect(titles(second)).toEqual(['g5', 'g4', 'g3', 'Send /next for 2 more result(s).']);
    expect(titles(bob.says('.'))).toEqual(['g2', 'g1']);
    expect(bob.says('.')).toEqual(['No more groups.']);
  });

  test('of different people go on by themselves', () => {
    const { bob, cath } = listed(8);
    bob.says('g');
    expect(titles(cath.says('/new'))).toEqual(['g8', 'g7', 'g6', 'Send /next for 5 more result(s).']);
    expect(titles(bob.says('.')).slice(0, 3)).toEqual(['g5', 'g4', 'g3']);
    expect(titles(cath.says('.')).slice(0, 3)).toEqual(['g5', 'g4', 'g3']);
    expect(bob.says('g7')).toHaveLength(2);
    expect(bob.says('.')).toEqual(['No more groups.']);
  });

  test('/all is by size, /new by time; both say how many are listed', () => {
    const { bob, groups } = listed(4);
    for (let more = 0; more < 9; more++) groups[0]!.adds(`n${more}`);
    const all = bob.says('/all');
    expect(all[0]).toBe('4 group(s) listed, sending top 3.');
    expect(titles(all)).toEqual(['g1', 'g4', 'g3', 'Send /next for 1 more result(s).']);
    expect(titles(bob.says('/new'))).toEqual(['g4', 'g3', 'g2', 'Send /next for 1 more result(s).']);
    expect(titles(bob.says('/next'))).toEqual(['g1']);
  });

  test('/next goes on for 300 seconds, then it is /all', () => {
    const { bot, bob } = listed(5);
    bob.says('g');
    bot.pass(299_000);
    expect(titles(bob.says('.'))).toEqual(['g2', 'g1']);
    bob.says('g');
    bot.pass(301_000);
    expect(bob.says('.')[0]).toBe('5 group(s) listed, sending top 3.');
  });

  test('/next without a search is /all', () => {
    const { cath } = listed(1);
    expect(cath.says('.')[0]).toBe('1 group(s) listed.');
  });

  test('go on after a restart, and are forgotten by sweeps', () => {
    const { bot, bob } = listed(5);
    bob.says('g');
    bot.restart();
    bot.run((step) => bot.directory.sweep(step));
    expect(titles(bob.says('.'))).toEqual(['g2', 'g1']);
    bot.pass(301_000);
    bot.run((step) => bot.directory.sweep(step));
    expect(bot.records.size('last-search')).toBe(0);
  });
});

describe('a search', () => {
  test('looks at all fields, whatever the case, for the words as they stand', () => {
    const { alice, bob } = begin();
    bob.registers('Über PSA', { profile: { fullName: 'Full Name', shortDescr: 'Short one', description: 'Welcome to all' } }).approvedBy(alice);
    for (const text of ['über', 'psa', 'FULL NAME', 'short', 'welcome TO', '#über', '@psa', ' psa ']) expect(bob.says(text)[0], text).toBe('Found 1 group(s).');
    for (const text of ['name full', 'psa full', 'x']) expect(bob.says(text), text).toEqual(['No groups found']);
  });

  test('shows what is listed only', () => {
    const { alice, bob } = begin();
    const group = bob.registers('PSA');
    expect(bob.says('psa')).toEqual(['No groups found']);
    group.approvedBy(alice);
    expect(bob.says('psa')).toHaveLength(2);
  });

  test('shows what is listed by now, though the index does not know yet', () => {
    const { bot, alice, bob } = begin();
    bob.registers('PSA').approvedBy(alice);
    bot.run((step) => {
      const [record] = step.records.list('registration', '');
      step.records.put('registration', record!.key, { ...(record!.value as Registration), state: 'suspended' });
    });
    expect(bob.says('psa').join('\n')).not.toContain('Link to join');
  });

  test('shows title, welcome message, link, members, and that admins review', () => {
    const { alice, bob } = begin();
    bob.registers('PSA', { profile: { shortDescr: 'Short', description: 'Hello', memberAdmission: { review: 'all' } } }).approvedBy(alice);
    expect(bob.says('psa')[1]).toBe(
      `PSA (Short)\nHello\nLink to join the group PSA: ${linkOf(1).shortLink!}\n_2 members_\nNew members are reviewed by the group's admins.`,
    );
    expect(alice.says('psa')[1]).toMatch(/^1\. PSA/);
  });

  test('shows the picture, unless it makes the message too long', () => {
    const { alice, bob } = begin();
    const image = `data:image/jpg;base64,${'A'.repeat(12_000)}`;
    const group = bob.registers('PSA', { profile: { image } });
    const submission = alice.heardMessages().at(-2);
    expect(submission!.content).toMatchObject({ type: 'image', image });
    group.approvedBy(alice);
    expect(bob.sends({ content: { type: 'text', text: 'psa' } })[1]!.content).toMatchObject({ type: 'image', image });
    group.changes({ description: 'long '.repeat(800) });
    group.approvedBy(alice);
    expect(bob.sends({ content: { type: 'text', text: 'psa' } })[1]!.content.type).toBe('text');
    group.changes({ description: '\u0001'.repeat(15_000), image: '' });
    group.approvedBy(alice);
    expect(bob.says('psa')[1]).toContain('…');
  });
});

describe('scenario 6: a link', () => {
  const inText = (link: string) => `Do you know [this](${link})?`;

  test('of a listed group finds it, in every form', () => {
    const { alice, bob } = begin();
    bob.registers('PSA').approvedBy(alice);
    const { shortLink, fullLink } = linkOf(1);
    const server = 'simplex:/g#';
    const forms = [shortLink!, `${shortLink!}?x=y`, fullLink, `${fullLink}&same_link=true`, inText(shortLink!), `${server}${shortLink!.split('#')[1]!}?h=other.example,smp1.example`];
    for (const form of forms) expect(bob.says(form)[0], form).toMatch(/^PSA\n/);
  });

  test('of another group, or on another host, is not found', () => {
    const { alice, bob } = begin();
    bob.registers('PSA').approvedBy(alice);
    for (const link of [linkOf(2).shortLink!, linkOf(2).fullLink, linkOf(1).shortLink!.replace('smp1', 'smp2')]) {
      expect(bob.says(link)).toEqual([expect.stringContaining('"share via chat"')]);
      expect(alice.says(link)).toEqual([expect.stringContaining('No group with this link')]);
    }
  });

  test('of a group that is hidden: users do not see it, admins its state', () => {
    const { alice, bob } = begin();
    const group = bob.registers('PSA');
    group.approvedBy(alice);
    group.changes({ description: 'Other' });
    expect(bob.says(linkOf(1).shortLink!)).toEqual([expect.stringContaining('not found')]);
    const [entry] = alice.says(linkOf(1).shortLink!);
    expect(entry).toContain('Owner: bob');
    expect(entry).toContain('pending admin approval');
  });

  test('of no group, or of the web, is searched as text', () => {
    const { bob } = begin();
    for (const text of ['https://example.com/', 'https://smp1.example/i#abc/def', 'simplex:/']) expect(bob.says(text), text).toEqual(['No groups found']);
  });
});

const NO_ONE = { memberId: 'bot', role: 'admin', status: 'connected' } as const;

function groupOf(groupId: number, members: number, words = ''): Group {
  return {
    groupId, profile: { displayName: `g${groupId}`, fullName: '', description: words }, localName: `g${groupId}`, own: NO_ONE, host: 1, connRequest: null, link: null,
    currentMembers: members, createdAt: 0, activeAt: 0,
  };
}

function registrationOf(groupId: number, createdAt: number, state: Registration['state'] = 'active'): Registration {
  return { groupId, userNumber: 1, contactId: 1, ownerMemberId: 'x', state, code: 0, isPromoted: false, createdAt, name: `g${groupId}`, approving: null };
}

describe('pages', () => {
  const change = fc.record({ at: fc.nat(20), groupId: fc.integer({ min: 1, max: 60 }), members: fc.nat(5), state: fc.constantFrom('active' as const, 'suspended' as const, 'gone' as const) });

  test('neither skip nor repeat what stays as it is, while others come, go and change', () => {
    fc.assert(fc.property(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 40 }), fc.array(change, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), fc.constantFrom<SearchQuery>({ type: 'all' }, { type: 'new' }, { type: 'text', text: 'g' }),
      (sizes, changes, pageSize, query) => {
        const index = new SearchIndex();
        sizes.forEach((members, at) => index.set(registrationOf(at + 1, members % 3), groupOf(at + 1, members)));
        const steady = new Set(sizes.map((_size, at) => at + 1).filter((groupId) => !changes.some((one) => one.groupId === groupId)));
        const shown: number[] = [];
        let cursor: SearchCursor | null = null;
        for (let page = 0; page < 200; page++) {
          for (const { groupId, members, state } of changes.filter(({ at }) => at === page)) {
            if (state === 'gone') index.delete(groupId);
            else index.set(registrationOf(groupId, members, state), groupOf(groupId, members));
          }
          const found = index.find(query, cursor, pageSize);
          expect(found.groupIds.length).toBe(Math.min(pageSize, found.left));
          if (found.groupIds.length === 0) break;
          shown.push(...found.groupIds);
          cursor = found.cursor;
        }
        const steadyShown = shown.filter((groupId) => steady.has(groupId));
        expect([...steadyShown].sort((a, b) => a - b)).toEqual([...steady].sort((a, b) => a - b));
      },
    ));
  });

  test('are in order: by size, then id; the newest first', () => {
    const index = new SearchIndex();
    [[1, 5, 10], [2, 7, 10], [3, 5, 30], [4, 7, 20]].forEach(([groupId, members, at]) => index.set(registrationOf(groupId!, at!), groupOf(groupId!, members!)));
    expect(index.find({ type: 'all' }, null, 9).groupIds).toEqual([2, 4, 1, 3]);
    expect(index.find({ type: 'new' }, null, 9).groupIds).toEqual([3, 4, 2, 1]);
    index.setMembers(3, 9);
    expect(index.find({ type: 'all' }, null, 9).groupIds).toEqual([3, 2, 4, 1]);
  });
});

test('ten thousand groups are searched within the time of a few sends', () => {
  const index = new SearchIndex();
  const words = 'A place for everybody who likes to talk about gardens, cats and the weather. '.repeat(13);
  for (let groupId = 1; groupId <= 10_000; groupId++) index.set(registrationOf(groupId, groupId), groupOf(groupId, groupId % 97, `${words} ${groupId % 10 === 0 ? 'tulips' : ''}`));
  index.find({ type: 'all' }, null, 1);
  const before = process.cpuUsage();
  const found = index.find({ type: 'text', text: 'Tulips' }, null, 10);
  const { user } = process.cpuUsage(before);
  expect(found.left).toBe(1000);
  expect(user / 1000, 'milliseconds of CPU').toBeLessThan(500);
});
