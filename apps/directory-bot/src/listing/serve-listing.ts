/**
 * The directory's port for browsers: one page with its script and style, and the files of the listing. Nothing else of the disk can be
 * reached: names of files are looked up by what the listing may have, and no request is logged.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SECOND } from '@polyplex/base';
import type { ListingAssets } from './listing-assets.ts';

export interface ListingServerOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** The folder with `listing.json`, `promoted.json` and `images`. */
  readonly folder: string;
  readonly assets: ListingAssets;
}

export interface ListingServer {
  /** With the port really bound. */
  readonly url: string;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 1000;
const TIMEOUT_MS = 15 * SECOND;
const ASSET_SECONDS = 60;
const FILE_SECONDS = 30;
const IMAGE = /^\/data\/images\/([A-Za-z0-9_-]{22}\.(?:jpg|png))$/;
const JSON_FILE = /^\/data\/(listing\.json|promoted\.json)$/;

/** Pictures of groups are shown from the same place; nothing is loaded from elsewhere. */
const POLICY = 'default-src \'none\'; script-src \'self\'; style-src \'self\'; img-src \'self\' data:; connect-src \'self\'; base-uri \'none\'; form-action \'none\'; frame-ancestors \'none\'';

interface Answer {
  readonly type: string;
  readonly body: Uint8Array;
  readonly maxAgeSeconds: number;
}

/** Starts listening; rejects with the system's error when the port cannot be bound. */
export async function serveListing({ host, port, folder, assets }: ListingServerOptions): Promise<ListingServer> {
  const server = createServer({ requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, keepAliveTimeout: 5 * SECOND, maxHeaderSize: 8192 }, (request, response) => {
    answerTo(request, folder, assets).then((answer) => send(request, response, answer), () => send(request, response, null));
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, host, port);
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${String(bound)}/`, close: () => close(server) };
}

async function answerTo({ url = '/', method }: IncomingMessage, folder: string, assets: ListingAssets): Promise<Answer | null> {
  if (method !== 'GET' && method !== 'HEAD') return null;
  const path = url.split('?', 1)[0]!;
  const asset = assets.get(path === '/' ? '/index.html' : path);
  if (asset !== undefined) return { ...asset, maxAgeSeconds: ASSET_SECONDS };
  const file = fileOf(path);
  return file && { type: file.type, body: await readFile(join(folder, file.name)), maxAgeSeconds: FILE_SECONDS };
}

/** The file of the listing that a path names; null for any other path. */
function fileOf(path: string): { readonly name: string; readonly type: string } | null {
  const [, image] = IMAGE.exec(path) ?? [];
  if (image !== undefined) return { name: join('images', image), type: image.endsWith('.png') ? 'image/png' : 'image/jpeg' };
  const [, name] = JSON_FILE.exec(path) ?? [];
  return name === undefined ? null : { name, type: 'application/json; charset=utf-8' };
}

/** Of every answer. */
const HEADERS = { 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' };

function send({ method, headers }: IncomingMessage, response: ServerResponse, answer: Answer | null): void {
  if (answer === null) {
    response.writeHead(method === 'GET' || method === 'HEAD' ? 404 : 405, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end('not found\n');
    return;
  }
  const isZipped = isText(answer) && takesGzip(headers['accept-encoding']);
  const body = isZipped ? gzipSync(answer.body) : answer.body;
  response.writeHead(200, {
    ...HEADERS,
    'content-type': answer.type,
    'content-length': String(body.length),
    'cache-control': `max-age=${String(answer.maxAgeSeconds)}`,
    vary: 'Accept-Encoding',
    // Other pages may show the list.
    ...(answer.type.startsWith('application/json') ? { 'access-control-allow-origin': '*' } : {}),
    ...(isZipped ? { 'content-encoding': 'gzip' } : {}),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

function isText({ type }: Answer): boolean {
  return type.startsWith('text/') || type.startsWith('application/json');
}

/** Named without a quality of zero (RFC 9110 §12.5.3). */
function takesGzip(accepted: string | string[] | undefined): boolean {
  return [accepted ?? []].flat().join(',').split(',').some((each) => /^\s*gzip(\s*;\s*q=(?!0(\.0*)?\s*$).*)?\s*$/i.test(each));
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 2 * SECOND).unref();
  });
}
