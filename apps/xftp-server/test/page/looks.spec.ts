/** The page as people meet it: by keyboard, with a screen reader, in the dark; and as the browser does: nothing from elsewhere. */
import { formatAddress, parseAddress } from '@polyplex/protocol-common';
import { describe, expect, it, vi } from 'vitest';
import { newProfile, openPage } from './browser.ts';
import { NO_INFORMATION, pageAssets, startFileServer } from './file-server.ts';
import { createPages } from '../../src/page/serve-pages.ts';
import { randomFile, upload } from './transfers.ts';

vi.setConfig({ testTimeout: 120_000 });

describe('the page', () => {
  it('can be used without a mouse, and says what happens', async () => {
    const { origin } = await startFileServer();
    const page = await openPage(`${origin}/file/`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('file');
    expect(await page.getByLabel('Drop a file here, or choose one:').getAttribute('type')).toBe('file');
    await upload(page, randomFile(1000, 'note.txt'));
    expect(await page.getByRole('status').filter({ visible: true }).textContent()).toBe('“note.txt” was uploaded.');
    expect(await page.evaluate('document.activeElement.id')).toBe('copy');
    expect(await page.title()).toBe('File sent');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('File sent');
  });

  it('copies the link, and shows it as a code', async () => {
    const { origin } = await startFileServer();
    const profile = await newProfile();
    await profile.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await openPage(`${origin}/file/`, profile);
    const link = await upload(page, randomFile(1000));
    await page.getByRole('button', { name: 'Copy the link' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(link);
    await page.getByRole('img', { name: 'QR code of the link' }).waitFor();
    expect(await page.evaluate("document.getElementById('qr').naturalWidth > 0")).toBe(true);
  });

  it('follows the colours of the system', async () => {
    const { origin } = await startFileServer();
    const page = await openPage(`${origin}/file/`);
    const colours = async (colorScheme: 'light' | 'dark'): Promise<unknown> => {
      await page.emulateMedia({ colorScheme });
      return page.evaluate('getComputedStyle(document.body).color');
    };
    expect(await colours('light')).not.toBe(await colours('dark'));
  });

  it('asks its own server for everything', async () => {
    const { origin } = await startFileServer();
    const page = await openPage('about:blank');
    const asked = new Set<string>();
    page.context().on('request', (request) => asked.add(new URL(request.url()).protocol === 'data:' ? 'data' : new URL(request.url()).origin));
    for (const path of ['/', '/file/']) await page.goto(`${origin}${path}`);
    await upload(page, randomFile(1000));
    asked.delete('data');
    expect([...asked]).toEqual([origin]);
  });

  it('says what is needed where scripts are off', async () => {
    const { origin } = await startFileServer();
    const page = await (await newProfile({ javaScriptEnabled: false })).newPage();
    await page.goto(`${origin}/file/`);
    expect(await page.getByRole('alert').filter({ visible: true }).textContent()).toContain('scripts must be allowed');
  });
});

describe('the information page', () => {
  it('shows the address, and takes links without a page to the one that opens them', async () => {
    const { origin, address } = await startFileServer();
    const page = await openPage(`${origin}/`);
    expect(await page.locator('code.box').textContent()).toBe(address);
    await page.getByRole('link', { name: 'Send a file from this browser' }).click();
    const link = await upload(page, randomFile(1000));
    await page.goto(`${origin}/`);
    await page.goto(`${origin}/#${link.split('#')[1]!}`);
    await page.waitForURL(link);
    await page.locator('#receive').waitFor({ state: 'visible' });
  });
});

async function pages() {
  const address = formatAddress({ ...parseAddress('xftp://CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=@files.example.org')! }, 'xftp');
  const information = { ...NO_INFORMATION, operator: '<b>Ann & Bob</b>' };
  const serve = await createPages({ address, version: '1.2.3', keptMs: 48 * 3_600_000, accepting: 'anybody', information }, pageAssets());
  return async (path: string, headers: Record<string, string> = {}) => serve({ path, headers } as unknown as Parameters<typeof serve>[0]);
}

describe('what is served', () => {
  it.each([
    ['/', 'text/html; charset=utf-8'], ['/index.html', 'text/html; charset=utf-8'], ['/file/?x=y', 'text/html; charset=utf-8'],
    ['/file', 'text/html; charset=utf-8'], ['/file/app.js?v=1', 'text/javascript; charset=utf-8'], ['/file/worker.js', 'text/javascript; charset=utf-8'],
  ])('%s is %s, compressed for those who take it', async (path, type) => {
    const get = await pages();
    const [plain, zipped] = [(await get(path))!, (await get(path, { 'accept-encoding': 'br, gzip;q=0.5' }))!];
    expect([plain.status, plain.headers!['content-type'], plain.headers!['content-encoding']]).toEqual([200, type, undefined]);
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding', 'x-content-type-options': 'nosniff' });
    expect((await get(path, { 'accept-encoding': 'gzip;q=0' }))!.headers!['content-encoding']).toBeUndefined();
    const sizes = [plain, zipped].map(({ headers }) => Number(headers!['content-length']));
    expect(sizes[1]).toBeLessThan(sizes[0]!);
  });

  it.each(['/nothing', '/file/../secret', '/file/app.ts', '/%2e%2e/', '//'])('%s is nothing', async (path) => {
    expect(await (await pages())(path)).toBeNull();
  });

  it('allows no script and no style but its own, and escapes what operators say', async () => {
    const get = await pages();
    for (const path of ['/', '/file/']) {
      const { headers, pieces } = (await get(path))!;
      const html = Buffer.concat([...(pieces as Iterable<Uint8Array>)]).toString();
      const policy = headers!['content-security-policy']!;
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; script-src 'self'; worker-src 'self'/);
      expect(policy).not.toContain('unsafe');
      expect(html).not.toMatch(/<script(?! type="module" src="\/file\/)/);
      expect(html).not.toMatch(/ (on\w+|style)="/);
      expect(html).not.toContain('<b>Ann');
    }
    expect((await get('/file/worker.js'))!.headers!['content-security-policy']).toBe("default-src 'none'; connect-src 'self' https:");
  });
});
