/** SimpleX names that channels claim (directory §3.6, §6 "Other"): there is nothing here to verify them by. */
import { expect, test } from 'vitest';
import { begin } from './support/channel-scene.ts';
import { FakeChannel } from './support/channels.ts';

test.each([
  ['news.simplex', '\nSimpleX name: #news (not verified: not shown to others)\n'],
  ['news.example', '\nSimpleX name: #news.example (not verified: not shown to others)\n'],
  ['news\nTo approve send: something else', null],
])('%j is nothing but a claim: admins see it, nobody else, and no search finds it', (domain, line) => {
  const { alice, bob, cath } = begin();
  const plain = new FakeChannel(bob, 'Daily').now.profile;
  const daily = new FakeChannel(bob, 'Daily', { publicGroup: { ...plain.publicGroup, publicGroupAccess: { groupDomainClaim: { domain } } } });
  daily.registered();
  const [submission] = alice.heard();
  expect(/\nSimpleX name: .*\n/.exec(submission!)?.[0] ?? null).toBe(line);
  daily.approvedBy(alice);
  expect(cath.says('daily')).toEqual(['Found 1 group(s).', expect.not.stringContaining('SimpleX name')]);
  expect(bob.says('/list')[1]).not.toContain('SimpleX name');
  expect(alice.says('/last')[1]!.includes('SimpleX name')).toBe(line !== null);
  expect(cath.says('#news')).toEqual(['No groups found']);
});
