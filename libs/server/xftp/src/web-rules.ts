/** What holds for connections with the web certificate, besides the handshake (XFTP §2.4): CORS, preflight, pages. */
import type { HttpConnection, HttpRequest, HttpResponse } from '@polyplex/protocol-common';

/** Answers a GET of a browser; null: there is no such page. */
export type Pages = (request: HttpRequest) => Promise<Page | null>;

export interface Page extends HttpResponse {
  readonly pieces?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' };

const PREFLIGHT: HttpResponse = {
  status: 200,
  headers: {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': '*',
    'access-control-max-age': '86400',
  },
};

/** The head of every response of the protocol. */
export function responseHead({ web }: HttpConnection): HttpResponse {
  return web ? { status: 200, headers: CORS } : { status: 200 };
}

/** Answers what is no request of the protocol; false when it is one. */
export async function answerWeb({ web }: HttpConnection, request: HttpRequest, pages: Pages | undefined): Promise<boolean> {
  if (!web) return false;
  if (request.method === 'OPTIONS') {
    await request.respond(PREFLIGHT);
    return true;
  }
  if (request.method !== 'GET') return false;
  const page = (await pages?.(request)) ?? { status: 404 };
  await request.respond(page, page.pieces);
  return true;
}
