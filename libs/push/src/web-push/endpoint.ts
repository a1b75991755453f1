/**
 * Where a Web Push goes, from the two texts that the token store keeps (NTF §5.1): `webpush https://<host>[:port]` and
 * `<path> <auth> <p256dh>`. Strict, since the texts came from a stranger once.
 */
import { fromBase64Url } from '@polyplex/base';
import type { WebPushKeys } from './encrypt.ts';

export interface WebPushEndpoint {
  readonly host: string;
  readonly port: number;
  /** `https://<host>[:port]`, the port where it is not 443. */
  readonly origin: string;
  readonly path: string;
  readonly keys: WebPushKeys;
}

export interface WebPushOrigin {
  readonly host: string;
  readonly port: number;
  readonly origin: string;
}

const PREFIX = 'webpush ';
const AUTH_BYTES = 16;
const POINT_BYTES = 65;
const HTTPS_PORT = 443;

/** Null for anything but an https origin in the form that URLs have it. */
export function webPushOrigin(provider: string): WebPushOrigin | null {
  const match = /^webpush https:\/\/([a-z0-9._-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::([1-9]\d{0,4}))?$/i.exec(provider);
  if (match === null) return null;
  const host = match[1]!.toLowerCase();
  const port = match[2] === undefined ? HTTPS_PORT : Number(match[2]);
  if (port > 65_535) return null;
  return { host, port, origin: `https://${host}${port === HTTPS_PORT ? '' : `:${port}`}` };
}

/** Null for what is malformed; whether the point is on the curve shows when it is used. */
export function webPushEndpoint(provider: string, token: string): WebPushEndpoint | null {
  const origin = webPushOrigin(provider);
  const parts = token.split(' ');
  const [path, auth, p256dh] = parts;
  // What URLs do not hold unescaped would be another path, or the end of a header, for some server.
  if (origin === null || parts.length !== 3 || !/^\/[!-"$-~]{0,1023}$/.test(path!)) return null;
  const keys = { auth: fromBase64Url(auth!), p256dh: fromBase64Url(p256dh!) };
  if (keys.auth?.length !== AUTH_BYTES || keys.p256dh?.length !== POINT_BYTES) return null;
  return { ...origin, path: path!, keys: { auth: keys.auth, p256dh: keys.p256dh } };
}

export function isWebPush(provider: string): boolean {
  return provider.startsWith(PREFIX);
}
