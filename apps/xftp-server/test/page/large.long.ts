/** The largest file that the page takes, there and back (XFTP §4.7). */
import { it, expect } from 'vitest';
import { openPage } from './browser.ts';
import { startFileServer } from './file-server.ts';
import { download, randomFile, upload } from './transfers.ts';

it('a file of 100 MiB comes back the same', async () => {
  const { origin } = await startFileServer();
  const file = randomFile(100 * 1024 * 1024);
  const link = await upload(await openPage(`${origin}/file/`), file);
  expect((await download(link)).content.equals(file.content)).toBe(true);
});
