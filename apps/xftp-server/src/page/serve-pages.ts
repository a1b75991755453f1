/**
 * What browsers get from the file server's port (XFTP §2.4, §7.6): a handful of pages and scripts made once, in memory. No
 * request reaches a file, and none is logged.
 */
import { gzipSync } from 'node:zlib';
import { MINUTE } from '@polyplex/base';
import { sha256 } from '@polyplex/crypto';
import type { Page } from '@polyplex/node';
import type { Page as Answer, Pages } from '@polyplex/server-xftp';
import { filePage } from './file-page.ts';
import { informationPage } from './information-page.ts';
import type { PageAssets } from './page-assets.ts';
import type { PageFacts } from './page-facts.ts';

const MAX_AGE_SECONDS = MINUTE / 1000;

/** Makes every page; `assets` from `readPageAssets`. */
export async function createPages(facts: PageFacts, assets: PageAssets): Promise<Pages> {
  const scripts = Object.entries(assets).map(([name, source]) => [`/file/${name}`, source] as const);
  // Another name for another content: a worker of one version is never started by the page of another one.
  const named = new Map(scripts.map(([path, source]) => [path, `${path}?v=${Buffer.from(sha256(source)).toString('hex', 0, 8)}`]));
  const pages: readonly (readonly [string, Page])[] = [
    ['', await informationPage(facts, named.get('/file/open.js')!)],
    ['/file', filePage({ facts, module: named.get('/file/app.js')!, worker: named.get('/file/worker.js')! })],
  ];
  const found = new Map<string, ReadyPage>([
    ...pages.map(([path, page]) => [path, readyPage('text/html', Buffer.from(page.html), { 'content-security-policy': page.policy })] as const),
    ...scripts.map(([path, source]) => [path, readyPage('text/javascript', source, { 'content-security-policy': WORKER_POLICY })] as const),
  ]);
  return async ({ path, headers }) => {
    const page = found.get(pathOf(path));
    if (page === undefined) return null;
    return takesGzip(headers['accept-encoding']) ? page.zipped : page.plain;
  };
}

/** A worker goes by the policy of its own script, not by that of its page: it sends requests and loads nothing. */
const WORKER_POLICY = "default-src 'none'; connect-src 'self' https:";

interface ReadyPage {
  readonly plain: Answer;
  readonly zipped: Answer;
}

function readyPage(type: string, body: Uint8Array, extra: Readonly<Record<string, string>> = {}): ReadyPage {
  const headers = {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': `max-age=${String(MAX_AGE_SECONDS)}`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    vary: 'Accept-Encoding',
    ...extra,
  };
  const zipped = gzipSync(body);
  return {
    plain: { status: 200, headers: { ...headers, 'content-length': String(body.length) }, pieces: [body] },
    zipped: { status: 200, headers: { ...headers, 'content-encoding': 'gzip', 'content-length': String(zipped.length) }, pieces: [zipped] },
  };
}

/** The path alone, with or without a slash or `index.html` at its end. */
function pathOf(url: string): string {
  return (url.split('?', 1)[0] ?? '').replace(/\/(index\.html)?$/, '');
}

/** Named without a quality of zero (RFC 9110 §12.5.3). */
function takesGzip(accepted: string | readonly string[] | undefined): boolean {
  const named = [accepted ?? []].flat().join(',').split(',').map((each) => each.trim().toLowerCase());
  return named.some((each) => /^(gzip|\*)(\s*;\s*q=(?!0(\.0*)?$).*)?$/.test(each));
}
