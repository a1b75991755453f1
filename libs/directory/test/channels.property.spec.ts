/** Channels under any sequence of events, hostile ones included: what is listed is what an admin has seen, of an owner who is there (directory §3.8). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Channel } from '@polyplex/chat';
import type { GroupProfile } from '@polyplex/protocol-chat';
import { changeBetween } from '../src/registration/profile-change.ts';
import { begin, HOUR_MS, setRole } from './support/channel-scene.ts';
import { channelLink, FakeChannel } from './support/channels.ts';

type Scene = ReturnType<typeof begin> & { readonly news: FakeChannel; readonly seen: Map<number, GroupProfile> };
type Deed = (scene: Scene) => void;

const isIn = ({ news }: Scene): boolean => news.bot.run((step) => step.channel(news.now.publicGroupId)) !== undefined;
/** Whatever link is being read. */
const read = (change: Partial<Channel>): Deed => ({ bot, news }) => {
  const asked = bot.lookUps.shift();
  if (asked === undefined) return;
  const { link, about } = asked;
  bot.tell({ type: 'channel-link', link, about, result: { found: true, channel: { ...news.now, ...change, link }, owner: { verdict: 'owner', ownerId: news.ownerId } } });
};

const DEEDS: Readonly<Record<string, Deed>> = {
  share: ({ news }) => void news.send(),
  'shared by another': ({ news, cath }) => void news.send(cath),
  'shared by another link': ({ news, cath }) => void news.send(cath, news.card({ chatLink: { type: 'group', connLink: channelLink(99), groupProfile: news.now.profile } })),
  read: read({}),
  'read, of another owner': read({ owners: [{ memberId: 'b3RoZXI', key: 'x' }] }),
  'read, with another key': ({ news, ...scene }) => read({ owners: [{ memberId: news.ownerId, key: 'x' }] })({ news, ...scene }),
  'read, of another channel': read({ publicGroupId: 'b3RoZXI' }),
  'read: gone': ({ bot }) => {
    const asked = bot.lookUps.shift();
    if (asked !== undefined) bot.tell({ type: 'channel-link', link: asked.link, about: asked.about, result: { found: false, reason: 'AUTH' } });
  },
  'change the link': ({ news, bot }) => news.changes({ description: `At ${bot.state.now}` }),
  'change it back': ({ news }) => news.changes({ description: 'Daily' }),
  tell: (scene) => { if (isIn(scene)) scene.news.tells({ description: `Told at ${scene.bot.state.now}` }); },
  announce: (scene) => { if (isIn(scene)) scene.news.announced(); },
  'lose the role': (scene) => { if (isIn(scene)) setRole(scene.news, 'observer'); },
  'get the role': (scene) => { if (isIn(scene)) setRole(scene.news, 'owner'); },
  approve: ({ bot, alice, seen }) => {
    for (const group of bot.run((step) => step.groups())) {
      const registration = bot.registered(group.groupId);
      if (registration?.state !== 'pending_approval') continue;
      alice.says(`/approve ${group.groupId}:News ${registration.code}`);
      if (bot.registered(group.groupId)?.state === 'active') seen.set(group.groupId, group.profile);
    }
  },
  suspend: ({ alice }) => void alice.says('/suspend 1:News'),
  resume: ({ alice }) => void alice.says('/resume 1:News'),
  delete: ({ bob }) => void bob.says('/delete 1:News'),
  'leave as owner': (scene) => {
    if (!isIn(scene)) return;
    const { bot, news } = scene;
    const { group } = news;
    bot.tell({ type: 'member-left', group, member: bot.state.setMember(news.member, { status: 'left' }) });
  },
  check: ({ bot }) => {
    bot.pass(HOUR_MS);
    bot.run((step) => bot.directory.checkLinks(step));
  },
  restart: ({ bot }) => bot.restart(),
};

test('what is listed has been seen, and its owner is one', () => {
  const deeds = fc.array(fc.constantFrom(...Object.keys(DEEDS)), { minLength: 5, maxLength: 40 });
  fc.assert(fc.property(deeds, fc.boolean(), (names, isListed) => {
    const people = begin();
    const scene: Scene = { ...people, news: new FakeChannel(people.bob, 'News', { description: 'Daily' }), seen: new Map() };
    const { bot, news, seen } = scene;
    if (isListed) {
      news.registered();
      DEEDS['approve']!(scene);
    }
    for (const name of names) {
      DEEDS[name]!(scene);
      for (const { groupId, profile } of bot.run((step) => step.groups())) {
        const registration = bot.registered(groupId);
        if (registration?.state !== 'active') continue;
        expect(changeBetween(profile, seen.get(groupId)!, []), name).toBe('same');
        const { ownerMemberId } = registration as unknown as { ownerMemberId: string };
        expect(bot.run((step) => step.memberById(groupId, ownerMemberId)), name).toMatchObject({ role: 'owner', status: 'introduced' });
      }
      expect(bot.records.size('link-check')).toBe(bot.records.size('link-check-due'));
    }
  }), { numRuns: 300 });
});

test('any card is answered or passed over, and costs at most one link at a time', () => {
  const texts = fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('', channelLink(3), channelLink(3, 'g'), `${channelLink(3)}?h=a,b`, 'channel', '\ud800', 'x'.repeat(5000)));
  const publicGroup = fc.oneof(fc.constant(undefined), fc.record({ groupType: texts, groupLink: texts, publicGroupId: texts }, { requiredKeys: [] }));
  const chatLink = fc.oneof(
    fc.record({ type: fc.constant('group' as const), connLink: texts, groupProfile: fc.record({ displayName: texts, fullName: texts, publicGroup }).map(({ publicGroup: json, ...profile }) => ({ ...profile, ...(json && { publicGroup: json }) })) }),
    fc.record({ type: fc.constant('unknown' as const), json: fc.constant({}) }),
  );
  const ownerSig = fc.record({ ownerId: texts, chatBinding: texts, ownerSig: texts }, { requiredKeys: ['chatBinding', 'ownerSig'] });
  const card = fc.record({ type: fc.constant('chat' as const), text: texts, chatLink, ownerSig }, { requiredKeys: ['type', 'text', 'chatLink'] });
  fc.assert(fc.property(fc.array(card, { maxLength: 8 }), (cards) => {
    const { bot, bob } = begin();
    for (const content of cards) bob.sends({ content });
    expect(bot.lookUps.length).toBeLessThanOrEqual(1);
    expect(bot.records.size('card')).toBe(bot.lookUps.length);
  }), { numRuns: 300 });
});
