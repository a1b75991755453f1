/**
 * The HTTPS side of the shared port (SMP §2.7, §9.8): a handful of pages made once, in memory. No request reaches a file
 * or anything else of the relay, and none is logged.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { MINUTE } from '@polyplex/base';
import type { Page } from '@polyplex/node';
import { informationPage, type PageFacts } from './information-page.ts';
import { LINK_PATHS, linkPage } from './link-page.ts';

const MAX_HEADER_BYTES = 8 * 1024;
const MAX_AGE_SECONDS = MINUTE / 1000;

/** A server without a port of its own: it is given sockets by its `connection` event. */
export async function pageServer(facts: PageFacts): Promise<Server> {
  const pages = new Map<string, Page>(LINK_PATHS.map((kind) => [`/${kind}`, linkPage(kind)]));
  pages.set('', await informationPage(facts));
  return createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => answer(pages, request, response));
}

function answer(pages: ReadonlyMap<string, Page>, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  const page = pages.get(pathOf(request.url ?? '/'));
  if (page === undefined) return refuse(response, 404);
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page.html),
    'content-security-policy': page.policy,
    'cache-control': `max-age=${String(MAX_AGE_SECONDS)}`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : page.html);
}

/** The path alone, with or without a slash or `index.html` at its end. */
function pathOf(url: string): string {
  return (url.split('?', 1)[0] ?? '').replace(/\/(index\.html)?$/, '');
}

/** A request's body, if any, is not waited for. */
function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(status === 404 ? 'There is no such page.\n' : 'Only GET is served here.\n');
}
