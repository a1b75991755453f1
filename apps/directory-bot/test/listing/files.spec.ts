/** The files of the listing, and the port that serves them. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ListingFiles } from '../../src/listing/listing-files.ts';
import { contentOf, newFolder, startListing } from './served.ts';

const IMAGE = 'AAAAAAAAAAAAAAAAAAAAAA.png';

/** As a client that does not tidy paths up. */
function get(url: string, path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<{ readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly body: Buffer }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ host: hostname, port, path, method, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(pieces) }));
    }).on('error', reject).end();
  });
}

it('a new state takes the place of the old one at once, and the old one goes', async () => {
  const folder = await newFolder();
  const files = new ListingFiles(folder);
  await files.write(contentOf([{ displayName: 'one' }]), new Date('2026-03-01T10:00:00.000Z'));
  expect((await readdir(folder)).toSorted()).toEqual(['data', 'data.2026-03-01T10.00.00.000Z']);
  await files.write(contentOf([{ displayName: 'two' }], new Map([[IMAGE, Uint8Array.of(1)]])), new Date('2026-03-01T10:05:00.000Z'));
  expect((await readdir(folder)).toSorted()).toEqual(['data', 'data.2026-03-01T10.05.00.000Z']);
  expect(JSON.parse(await readFile(join(files.current, 'listing.json'), 'utf8'))).toEqual({ entries: [{ displayName: 'two' }] });
  expect([...(await readFile(join(files.current, 'images', IMAGE)))]).toEqual([1]);
});

it('a state that is the same is not written again, and what else is in the folder stays', async () => {
  const folder = await newFolder();
  const files = new ListingFiles(folder);
  await files.write(contentOf([]), new Date(1000));
  const state = await readlink(files.current);
  await files.write(contentOf([]), new Date(2000));
  expect(await readlink(files.current)).toBe(state);
  // Another process, such as the bot after a restart, goes on with the folder.
  await new ListingFiles(folder).write(contentOf([]), new Date(3000));
  expect((await readdir(folder)).length).toBe(2);
});

it('serves the page, the lists and the images, and nothing else', async () => {
  const { url } = await startListing(contentOf([{ displayName: 'Gardening' }], new Map([[IMAGE, Uint8Array.of(1, 2, 3)]])));
  const page = await get(url, '/');
  expect([page.status, page.headers['content-type'], page.headers['content-security-policy']]).toEqual([200, 'text/html; charset=utf-8', expect.stringContaining('default-src \'none\'')]);
  expect(JSON.parse((await get(url, '/data/listing.json')).body.toString())).toEqual({ entries: [{ displayName: 'Gardening' }] });
  expect((await get(url, '/data/promoted.json?x=1')).status).toBe(200);
  expect([...(await get(url, `/data/images/${IMAGE}`)).body]).toEqual([1, 2, 3]);
  for (const path of ['/data/', '/data/images/', '/data/images/../listing.json', '/data/../../etc/passwd', '/data/images/%2e%2e%2flisting.json', '/nothing', '/data/images/BBBBBBBBBBBBBBBBBBBBBB.png', '//', '/data/listing.json/']) {
    expect([path, (await get(url, path)).status]).toEqual([path, 404]);
  }
  expect((await get(url, '/', {}, 'POST')).status).toBe(405);
  expect((await get(url, '/', {}, 'HEAD')).body.length).toBe(0);
});

it('texts are compressed for those who take that', async () => {
  const { url } = await startListing(contentOf(Array.from({ length: 100 }, () => ({ displayName: 'Gardening' }))));
  const plain = await get(url, '/data/listing.json');
  const zipped = await get(url, '/data/listing.json', { 'accept-encoding': 'br, gzip' });
  expect([plain.headers['content-encoding'], zipped.headers['content-encoding']]).toEqual([undefined, 'gzip']);
  expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
  expect((await get(url, '/data/listing.json', { 'accept-encoding': 'gzip;q=0' })).headers['content-encoding']).toBeUndefined();
});
