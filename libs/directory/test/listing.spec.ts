/** The web listing (directory §3.9; §6 "Listing"). */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { listingImage } from '../src/listing/images.ts';
import { makeListing } from '../src/listing/listing.ts';
import { Bot, START } from './support/bot.ts';
import { linkOf } from './support/links.ts';

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(20, 1)]);
const JPEG = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(20, 1)]);

function begin() {
  const bot = new Bot();
  const alice = bot.person('alice');
  const bob = bot.person('bob');
  return { bot, alice, bob, list: () => bot.run((step) => makeListing(step, bot.directory.listed())) };
}

test('an entry has what the page shows', () => {
  const { alice, bob, list } = begin();
  const image = `data:image/png;base64,${PNG.toString('base64')}`;
  bob.registers('Gardening', { profile: { shortDescr: 'Plants', description: 'Hello *all*', image, memberAdmission: { review: 'all' } } }).approvedBy(alice);
  const { fullLink, shortLink } = linkOf(1);
  const path = `images/${createHash('md5').update(fullLink).digest('base64url')}.png`;
  const { listing, promoted, images } = list();
  expect(listing.entries).toHaveLength(1);
  expect(listing.entries[0]).toMatchObject({
    entryType: { type: 'group', admission: { review: 'all' }, summary: { currentMembers: 2 } },
    displayName: 'Gardening',
    groupLink: { connFullLink: fullLink, connShortLink: shortLink },
    shortDescr: [{ text: 'Plants' }],
    imageFile: path,
    activeAt: '2026-03-01T10:15:00Z',
    createdAt: '2026-03-01T00:00:00Z',
  });
  const welcome = listing.entries[0]!.welcomeMessage!;
  expect(welcome.slice(0, 2)).toEqual([{ text: 'Hello ' }, { format: { type: 'bold' }, text: 'all' }]);
  expect(welcome.map(({ text }) => text).join('')).toContain('Link to join the group Gardening: ');
  expect(welcome.at(-1)).toMatchObject({ format: { type: 'simplexLink', linkType: 'group', simplexUri: shortLink } });
  expect(promoted.entries).toEqual([]);
  expect(images).toEqual([{ path, bytes: PNG }]);
  expect(JSON.parse(JSON.stringify(listing))).toEqual(listing);
});

test('a link in the welcome message is not repeated', () => {
  const { alice, bob, list } = begin();
  const group = bob.registers('PSA');
  group.approvedBy(alice);
  expect(list().listing.entries[0]!.welcomeMessage!.map(({ text }) => text).join('')).toBe(`Link to join the group PSA: ${linkOf(1).shortLink!}`);
  group.changes({ description: `Come: ${linkOf(1).fullLink}` });
  group.approvedBy(alice);
  expect(list().listing.entries[0]!.welcomeMessage!.map(({ text }) => text).join('')).not.toContain('Link to join');
});

test('follows states and promotions; a change hides from both, approval restores', () => {
  const { bot, alice, bob, list } = begin();
  const group = bob.registers('PSA');
  const names = () => [list().listing, list().promoted].map(({ entries }) => entries.map(({ displayName }) => displayName));
  const changed = (work: () => void) => {
    const before = bot.listingChanges;
    work();
    return bot.listingChanges > before;
  };
  expect(names()).toEqual([[], []]);
  expect(changed(() => group.approvedBy(alice))).toBe(true);
  expect(names()).toEqual([['PSA'], []]);
  expect(changed(() => alice.says('/promote 1:PSA on'))).toBe(true);
  expect(names()).toEqual([['PSA'], ['PSA']]);
  expect(changed(() => group.changes({ description: 'x' }))).toBe(true);
  expect(names()).toEqual([[], []]);
  expect(changed(() => group.changes({ description: 'y' }))).toBe(false);
  group.approvedBy(alice);
  expect(names()).toEqual([['PSA'], ['PSA']]);
  expect(changed(() => alice.says('/suspend 1:PSA'))).toBe(true);
  expect(names()).toEqual([[], []]);
  expect(changed(() => alice.says('/resume 1:PSA'))).toBe(true);
  expect(changed(() => bob.says('/delete 1:PSA'))).toBe(true);
  expect(names()).toEqual([[], []]);
});

test('times of more than 30 days ago are not told', () => {
  const { bot, alice, bob, list } = begin();
  bob.registers('PSA').approvedBy(alice);
  bot.pass(31 * 86_400_000);
  expect(list().listing.entries[0]).not.toHaveProperty('activeAt');
  expect(list().listing.entries[0]).not.toHaveProperty('createdAt');
  bot.state.setGroup(1, { activeAt: bot.state.now });
  expect(list().listing.entries[0]!.activeAt).toBe(new Date(START + 31 * 86_400_000).toISOString().replace('10:20:30.000', '10:15:00'));
});

test.each([
  [`data:image/png;base64,${PNG.toString('base64')}`, 'png'],
  [`data:image/jpg;base64,${JPEG.toString('base64')}`, 'jpg'],
  [JPEG.toString('base64'), 'jpg'],
  [`data:image/png;base64,${JPEG.toString('base64')}`, null],
  [`data:image/svg+xml;base64,${PNG.toString('base64')}`, null],
  [`data:image/png;base64,${Buffer.from('<script>').toString('base64')}`, null],
  ['data:image/png;base64,', null],
  ['', null],
  ['data:image/png;base64,%%%', null],
])('the picture %#', (uri, extension) => {
  const image = listingImage('https://x/../../etc', uri);
  if (extension === null) expect(image).toBeNull();
  else expect(image!.path).toMatch(new RegExp(`^images/[A-Za-z0-9_-]{22}\\.${extension}$`));
});
