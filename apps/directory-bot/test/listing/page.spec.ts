/** The directory's page in a browser. */
import type { Page } from 'playwright-core';
import { expect, it, vi } from 'vitest';
import { contentOf, openPage, startListing } from './served.ts';

vi.setConfig({ testTimeout: 60_000 });

const WAIT = { timeout: 20_000 };
const IMAGE = 'AAAAAAAAAAAAAAAAAAAAAA.png';
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** 0 for a picture that could not be shown. */
function widthOf(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluate((image) => (image as unknown as { readonly naturalWidth: number }).naturalWidth);
}

function group(number: number, more: object = {}): object {
  return {
    entryType: { type: 'group', summary: { currentMembers: number } }, displayName: `Group ${String(number)}`,
    groupLink: { connFullLink: `https://simplex.chat/contact#/?v=2&smp=${String(number)}`, connShortLink: `https://smp.example/g#${String(number)}` }, ...more,
  };
}

it('shows groups by members, ten a page, and finds them by their words', async () => {
  const groups = Array.from({ length: 23 }, (_value, i) => group(i + 1, i === 4 ? { shortDescr: [{ text: 'Roses and ' }, { format: { type: 'bold' }, text: 'Peonies' }] } : {}));
  const { url } = await startListing(contentOf(groups));
  const { page, complaints } = await openPage(url);
  const names = (): Promise<string[]> => page.locator('#groups h2').allTextContents();
  await expect.poll(names, WAIT).toEqual(Array.from({ length: 10 }, (_value, i) => `Group ${String(23 - i)}`));
  expect(await page.locator('#count').textContent()).toBe('23 groups listed');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect.poll(names, WAIT).toEqual(['Group 3', 'Group 2', 'Group 1']);
  expect([await page.locator('#page').textContent(), await page.getByRole('button', { name: 'Next' }).isDisabled()]).toEqual(['Page 3 of 3', true]);
  await page.getByRole('searchbox').fill('peonies');
  await expect.poll(names, WAIT).toEqual(['Group 5']);
  // Who opens the address again sees the same.
  expect(new URL(page.url()).hash).toBe('#q=peonies');
  await page.reload();
  await expect.poll(names, WAIT).toEqual(['Group 5']);
  expect(await page.locator('.text b').textContent()).toBe('Peonies');
  await page.getByRole('searchbox').fill('nothing of this');
  await expect.poll(() => page.locator('#count').textContent(), WAIT).toBe('No groups found.');
  expect(complaints).toEqual([]);
});

it('orders by activity and by age', async () => {
  const { url } = await startListing(contentOf([
    group(1, { activeAt: '2026-03-01T10:15:00Z', createdAt: '2026-02-01T00:00:00Z' }), group(2, { activeAt: '2026-03-01T09:15:00Z', createdAt: '2026-03-01T00:00:00Z' }), group(3),
  ]));
  const { page } = await openPage(url);
  const names = (): Promise<string[]> => page.locator('#groups h2').allTextContents();
  await page.getByRole('button', { name: 'Active' }).click();
  await expect.poll(names, WAIT).toEqual(['Group 1', 'Group 2', 'Group 3']);
  await page.getByRole('button', { name: 'New' }).click();
  await expect.poll(names, WAIT).toEqual(['Group 2', 'Group 1', 'Group 3']);
});

it('has a link, a picture and a code for each group', async () => {
  const { url } = await startListing(contentOf([group(5, { imageFile: `images/${IMAGE}`, entryType: { type: 'group', admission: { review: 'all' }, summary: { currentMembers: 1 } } })], new Map([[IMAGE, PIXEL]])));
  const { page, complaints } = await openPage(url);
  await expect.poll(() => page.getByRole('link', { name: 'Join Group 5' }).getAttribute('href'), WAIT).toBe('https://smp.example/g#5');
  expect(await page.locator('.facts').textContent()).toBe('1 member · new members are reviewed by admins');
  await expect.poll(() => widthOf(page, '.group img'), WAIT).toBe(1);
  await page.getByRole('button', { name: 'QR code of Group 5' }).click();
  await expect.poll(() => widthOf(page, '#code-image'), WAIT).toBeGreaterThan(0);
  expect(await page.locator('#code-name').textContent()).toBe('Group 5');
  expect(complaints).toEqual([]);
});

it('counts the subscribers of a channel, as its link tells them', async () => {
  const channel = { entryType: { type: 'group', groupType: 'channel', summary: { currentMembers: 3, publicMemberCount: 900 } }, groupLink: { connShortLink: 'https://smp.example/c#9' } };
  const { url } = await startListing(contentOf([group(50), group(9, channel)]));
  const { page } = await openPage(url);
  await expect.poll(() => page.locator('.facts').allTextContents(), WAIT).toEqual(['900 subscribers', '50 members']);
  expect(await page.getByRole('link', { name: 'Join Group 9' }).getAttribute('href')).toBe('https://smp.example/c#9');
});

it('takes what strangers write as text, and no link that a browser would run', async () => {
  const hostile = '<img src=x onerror="document.title=\'taken\'">';
  const { url } = await startListing(contentOf([
    group(9, {
      displayName: hostile, shortDescr: [{ text: hostile, format: { type: 'bold' } }, { text: 'x', format: { type: 'hyperLink', linkUri: 'javascript:document.title=1' } }],
      welcomeMessage: [{ text: 'hidden', format: { type: 'secret' } }, { text: 'simplex', format: { type: 'simplexLink', simplexUri: 'simplex:/a#x' } }, { text: 'new', format: { type: 'unheard-of' } }],
      imageFile: '../../admin', groupLink: { connFullLink: 'javascript:alert(1)' },
    }),
  ]));
  const { page, complaints } = await openPage(url);
  await expect.poll(() => page.locator('#groups h2').textContent(), WAIT).toBe(hostile);
  const links = await page.locator('#groups a').all();
  expect(await Promise.all(links.map((link) => link.getAttribute('href')))).toEqual(['simplex:/a#x']);
  expect(await page.locator('.group img').getAttribute('src')).toBe('group.svg');
  expect(await page.locator('.text').last().textContent()).not.toContain('hidden');
  await page.getByRole('button', { name: 'Show the hidden text' }).click();
  expect(await page.locator('.text').last().textContent()).toBe('hiddensimplexnew');
  expect(await page.title()).toBe('Directory of groups');
  expect(complaints).toEqual([]);
});

it('says so where there is no list', async () => {
  const { url } = await startListing(null);
  const { page } = await openPage(url);
  await expect.poll(() => page.locator('#count').textContent(), WAIT).toContain('cannot be loaded');
});
