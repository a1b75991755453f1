/** What the page says when a link leads to nothing, or the server wants something else (XFTP §3.5, §5.4, §5.7). */
import { HOUR, MINUTE } from '@polyplex/base';
import { parseWebLink, webFragment } from '@polyplex/protocol-xftp';
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { openPage } from './browser.ts';
import { startFileServer, type TestFileServer } from './file-server.ts';
import { choose, download, failureOn, randomFile, upload } from './transfers.ts';

vi.setConfig({ testTimeout: 120_000 });

const SEVERAL_CHUNKS = 600 * 1024;

async function sentLink({ origin }: TestFileServer, size = 1000): Promise<string> {
  return upload(await openPage(`${origin}/file/`), randomFile(size));
}

async function failureOf(link: string): Promise<string> {
  const page = await openPage(link);
  await page.locator('#download').click();
  return failureOn(page);
}

function idOf(link: string): Uint8Array {
  return parseWebLink(link)!.chunks[0]!.replicas[0]!.replicaId;
}

const GONE = 'The file has expired or was deleted.';

describe('a link', () => {
  it.each([1000, SEVERAL_CHUNKS])('works no longer when its file of %i bytes was deleted where it was sent', async (size) => {
    const server = await startFileServer();
    const page = await openPage(`${server.origin}/file/`);
    const link = await upload(page, randomFile(size));
    await page.locator('#remove').click();
    expect(await failureOn(page)).toContain('was deleted');
    expect(await server.usage()).toMatchObject({ files: 0 });
    expect(await failureOf(link)).toBe(GONE);
  });

  it('works no longer when its file expired', async () => {
    const server = await startFileServer();
    const link = await sentLink(server);
    // As if it were three hours later; records know the hour only.
    await server.restart({ fileTtlMs: -3 * HOUR });
    await server.server.sweeps.expire();
    expect(await failureOf(link)).toBe(GONE);
  });

  it('tells that its file was blocked, and why', async () => {
    const server = await startFileServer();
    const link = await sentLink(server);
    expect(await server.control.block(idOf(link), { reason: 'content', notice: null })).toBe(true);
    expect(await failureOf(link)).toBe('The operator of the server has blocked this file. Reason: content.');
  });

  it('is told from one that was cut off', async () => {
    const server = await startFileServer();
    const link = await sentLink(server);
    const page = await openPage(link.slice(0, -10));
    expect(await failureOn(page)).toContain('not a complete link');
    await page.locator('#again').click();
    await page.locator('#send').waitFor({ state: 'visible' });
  });

  it('does not take another server for the one that it names', async () => {
    const server = await startFileServer();
    const description = parseWebLink(await sentLink(server))!;
    const elsewhere = description.chunks.map((chunk) => ({
      ...chunk, replicas: chunk.replicas.map((replica) => ({ ...replica, server: { ...replica.server, keyHash: new Uint8Array(32) } })),
    }));
    expect(await failureOf(`${server.origin}/file/#${webFragment({ ...description, chunks: elsewhere })}`)).toContain('Another server answered');
  });

  it('does not hand out another file than the one that it names', async () => {
    const server = await startFileServer();
    const description = parseWebLink(await sentLink(server))!;
    const fragment = webFragment({ ...description, digest: new Uint8Array(64) });
    expect(await failureOf(`${server.origin}/file/#${fragment}`)).toContain('damaged or exchanged');
    const otherKey = webFragment({ ...description, key: new Uint8Array(32) });
    expect(await failureOf(`${server.origin}/file/#${otherKey}`)).toContain('damaged or exchanged');
  });

  it('says that the server cannot be reached, and works when it can be again', async () => {
    const server = await startFileServer();
    const file = randomFile(1000);
    const link = await upload(await openPage(`${server.origin}/file/`), file);
    const page = await openPage(link);
    await server.stop();
    await page.locator('#download').click();
    expect(await failureOn(page)).toContain('cannot be reached');
    await server.restart();
    await page.locator('#again').click();
    await page.locator('#received').waitFor({ state: 'visible', timeout: MINUTE });
  });
});

async function chooseOne(page: Page): Promise<void> {
  await choose(page, randomFile(1000));
}

describe('a server', () => {
  it('with a password wants it', async () => {
    const server = await startFileServer({ accepting: 'password', options: { password: 'sesame' } });
    const page = await openPage(`${server.origin}/file/`);
    await chooseOne(page);
    expect(await failureOn(page)).toContain('only with its password');
    await page.locator('#again').click();
    await page.getByLabel('Password of this server').fill('wrong');
    await chooseOne(page);
    expect(await failureOn(page)).toContain('password is missing or wrong');
    const other = await openPage(`${server.origin}/file/`);
    await other.getByLabel('Password of this server').fill('sesame');
    const file = randomFile(1000);
    expect(await download(await upload(other, file))).toEqual(file);
  });

  it('without room says so', async () => {
    const server = await startFileServer({ options: { quota: 65_536 } });
    await sentLink(server);
    const page = await openPage(`${server.origin}/file/`);
    await chooseOne(page);
    expect(await failureOn(page)).toContain('no room');
    // Nothing is left of what could not be uploaded.
    await expect.poll(() => server.usage()).toMatchObject({ files: 1 });
  });

  it('that takes no files shows how to receive some only', async () => {
    const server = await startFileServer({ accepting: 'nobody' });
    const page = await openPage(`${server.origin}/file/`);
    expect(await page.locator('#send').textContent()).toContain('takes no new files');
    expect(await page.locator('#file').count()).toBe(0);
  });
});

describe('a file of more than 100 MiB', () => {
  it('is refused before anything is read', async () => {
    const server = await startFileServer();
    const page = await openPage(`${server.origin}/file/`);
    // Two references to 51 MiB, with nothing behind them yet.
    await page.evaluate(`(() => {
      const part = new Blob([new Uint8Array(51 * 1024 * 1024)]);
      const transfer = new DataTransfer();
      transfer.items.add(new File([part, part], 'large.bin'));
      document.getElementById('drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    })()`);
    expect(await failureOn(page)).toContain('up to 100 MiB');
    expect(await server.usage()).toMatchObject({ files: 0 });
  });
});
