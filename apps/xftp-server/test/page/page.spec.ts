/** The page in a real browser against a real server: files go and come (XFTP §1.6, §1.7, §4.5, §9.4). */
import { parseWebLink } from '@polyplex/protocol-xftp';
import { describe, expect, it, vi } from 'vitest';
import { newProfile, openPage } from './browser.ts';
import { startFileServer } from './file-server.ts';
import { receiveAtHome, sendFromHome } from './native-client.ts';
import { choose, download, linkOf, randomFile, receive, upload } from './transfers.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Three of 256 KiB, whose description is too long for a link. */
const SEVERAL_CHUNKS = 600 * KIB;

// Chromium beside other tests on a small machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

describe('a file sent from the page', () => {
  it('of one chunk comes back the same in another browser, with its name', async () => {
    const { origin } = await startFileServer();
    const file = randomFile(50_000, 'naïve “photo”.png');
    const link = await upload(await openPage(`${origin}/file/`), file);
    expect(link).toMatch(new RegExp(`^${origin}/file/#[A-Za-z0-9_=-]+$`));
    expect(parseWebLink(link)).toMatchObject({ redirect: null, size: 64 * KIB });
    expect(await download(link)).toEqual(file);
  });

  it('of several chunks has a short link, by a redirect to its description', async () => {
    const { origin } = await startFileServer();
    const file = randomFile(9 * MIB + 100 * KIB);
    const link = await upload(await openPage(`${origin}/file/`), file);
    expect(parseWebLink(link)).toMatchObject({ redirect: { size: 10 * MIB } });
    expect(link.length).toBeLessThan(1000);
    const received = await download(link);
    expect(received.name).toBe(file.name);
    expect(received.content.equals(file.content)).toBe(true);
  });

  it('may be empty', async () => {
    const { origin } = await startFileServer();
    const file = randomFile(0, 'nothing');
    expect(await download(await upload(await openPage(`${origin}/file/`), file))).toEqual(file);
  });

  it('may be dropped on it', async () => {
    const { origin } = await startFileServer({ algorithm: 'ed25519' });
    const page = await openPage(`${origin}/file/`);
    // As text: the types of these tests are not those of a page.
    const dropped = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['hello, XFTP\\n'], 'hello.txt'));
      return transfer;
    })()`);
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: dropped });
    expect(await download(await linkOf(page))).toEqual({ name: 'hello.txt', content: Buffer.from('hello, XFTP\n') });
  });

  it('is received by native clients, and what they send by the page', async () => {
    const server = await startFileServer();
    const [small, large] = [randomFile(1000, 'a.bin'), randomFile(SEVERAL_CHUNKS, 'b.bin')];
    for (const file of [small, large]) {
      const link = await upload(await openPage(`${server.origin}/file/`), file);
      expect((await receiveAtHome(link)).content.equals(file.content)).toBe(true);
    }
    for (const file of [small, large]) {
      const received = await download(`${server.origin}/file/#${await sendFromHome(server.address, file)}`);
      expect([received.name, received.content.equals(file.content)]).toEqual([file.name, true]);
    }
  });
});

describe('names from strangers', () => {
  it.each([
    ['../../etc/passwd', '....etcpasswd'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['', 'download'],
    ['a\u0000b\nc', 'a_b_c'],
  ])('%j is saved as %j', async (name, saved) => {
    const server = await startFileServer();
    const fragment = await sendFromHome(server.address, randomFile(10, name));
    const page = await openPage(`${server.origin}/file/#${fragment}`);
    await page.locator('#download').click();
    await page.locator('#received').waitFor({ state: 'visible' });
    expect(await page.locator('#save').getAttribute('download')).toBe(saved);
  });
});

describe('the page while it works', () => {
  it('takes an upload back when it is cancelled', async () => {
    const server = await startFileServer();
    const held = server.chunks.hold('write', 2);
    const page = await openPage(`${server.origin}/file/`);
    await choose(page, randomFile(SEVERAL_CHUNKS));
    await held.reached;
    expect(await server.usage()).toMatchObject({ files: 2 });
    await page.locator('#cancel').click();
    await page.locator('#send').waitFor({ state: 'visible' });
    held.release();
    await expect.poll(() => server.usage()).toMatchObject({ files: 0, bytes: 0 });
    const file = randomFile(100, 'after.txt');
    expect(await download(await upload(page, file))).toEqual(file);
  });

  it('connects again when the server was restarted between two transfers', async () => {
    const server = await startFileServer();
    const page = await openPage(`${server.origin}/file/`);
    const file = randomFile(SEVERAL_CHUNKS);
    const link = await upload(page, file);
    await server.restart();
    await page.locator('#another').click();
    const other = await upload(page, randomFile(1000, 'other'));
    await server.restart();
    expect((await download(link, page.context())).content.equals(file.content)).toBe(true);
    expect((await download(other, page.context())).name).toBe('other');
  });

  it('goes on when the server is restarted in the middle of an upload and of a download', async () => {
    const server = await startFileServer();
    const page = await openPage(`${server.origin}/file/`);
    const file = randomFile(SEVERAL_CHUNKS);
    const upward = server.chunks.hold('write', 2);
    await choose(page, file);
    await upward.reached;
    const restarted = server.restart();
    upward.release();
    await restarted;
    const link = await linkOf(page);
    // The first is that of the redirect.
    const downward = server.chunks.hold('read', 3);
    const received = receive(await openPage(link));
    await downward.reached;
    const restartedAgain = server.restart();
    downward.release();
    await restartedAgain;
    expect((await received).content.equals(file.content)).toBe(true);
  });

  it('shares its connection with other tabs, each of which shakes hands on its own', async () => {
    const server = await startFileServer();
    const profile = await newProfile();
    const files = [1, 2, 3].map((i) => randomFile(SEVERAL_CHUNKS + i, `${String(i)}.bin`));
    // The first alone: once a browser knows that a server speaks HTTP/2, it opens no connections side by side.
    const first = await openPage(`${server.origin}/file/`, profile);
    await upload(first, randomFile(1000));
    const others = await Promise.all(files.slice(1).map(() => openPage(`${server.origin}/file/`, profile)));
    const pages = [first, ...others];
    await first.locator('#another').click();
    const links = await Promise.all(pages.map((page, i) => upload(page, files[i]!)));
    const received = Promise.all([...links, links[0]!, links[0]!].map((link) => download(link, profile)));
    const uploaded = Promise.all(pages.map(async (page, i) => {
      await page.locator('#another').click();
      return upload(page, files[i]!);
    }));
    for (const { name, content } of await received) expect(content.equals(files.find((file) => file.name === name)!.content)).toBe(true);
    expect(new Set(await uploaded).size).toBe(files.length);
    // One for pages and one for requests without cookies; a browser may open another ahead of each.
    expect(server.accepted()).toBeLessThanOrEqual(4);
  });
});

describe('a page of another origin', () => {
  it('may use the server', async () => {
    const [home, other] = [await startFileServer(), await startFileServer()];
    const file = randomFile(SEVERAL_CHUNKS);
    const link = await upload(await openPage(`${home.origin}/file/`), file);
    const fragment = link.slice(link.indexOf('#'));
    expect((await download(`${other.origin}/file/${fragment}`)).content.equals(file.content)).toBe(true);
  });

  it('gets the answers and headers that CORS needs', async () => {
    const [home, other] = [await startFileServer(), await startFileServer()];
    const page = await openPage(`${other.origin}/file/`);
    const answer = await page.evaluate(async (url) => {
      const response = await fetch(url, { method: 'POST', headers: { 'xftp-web-hello': '1' }, body: new Uint8Array(0) });
      const body = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, type: response.type, length: body.length };
    }, home.origin);
    expect(answer).toEqual({ status: 200, type: 'cors', length: 16_384 });
  });
});
