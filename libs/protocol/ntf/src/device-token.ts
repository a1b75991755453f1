/**
 * Where a device hears pushes: the two letters of its push service and what that calls it (NTF §2.2). `WP`, Web Push, is an
 * extension of ours after a design of the reference that it has not released (NTF §5.1).
 *
 * Tokens end in the path of a request to a push service, so their characters are checked as they are read.
 */
import { lenientTextOf, toBase64Url, utf8 } from '@polyplex/base';
import { bytes, type Codec, codec, DecodeError, fields, mapped, shortBytes, shortString } from '@polyplex/codec';
import { hostKind } from '@polyplex/protocol-common';
import { isP256Point, P256_POINT_BYTES } from './p256.ts';

const APNS_CODES = { AD: 'apns_dev', AP: 'apns_prod', AT: 'apns_test', AN: 'apns_null' } as const;
const WEB_PUSH_CODE = 'WP';

export type ApnsProvider = (typeof APNS_CODES)[keyof typeof APNS_CODES];
export type ProviderName = ApnsProvider | 'webpush';
/** In the order of NTF §2.2. */
export const PROVIDER_NAMES: readonly ProviderName[] = [...Object.values(APNS_CODES), 'webpush'];

export interface ApnsDeviceToken {
  readonly provider: ApnsProvider;
  /** ASCII letters and digits; of `apns_null` any 0 to 255 bytes. */
  readonly token: Uint8Array;
}

export interface WebPushDeviceToken {
  readonly provider: 'webpush';
  /** A domain name or an IP address. */
  readonly host: string;
  /** Decimal; empty for 443. */
  readonly port: string;
  /** Path and query of the endpoint; begins with `/`. */
  readonly path: string;
  /** The secret of RFC 8291, 16 bytes. */
  readonly auth: Uint8Array;
  /** The device's key of RFC 8291, an uncompressed point of P-256, 65 bytes. */
  readonly p256dh: Uint8Array;
}

export type DeviceToken = ApnsDeviceToken | WebPushDeviceToken;

const APNS_TOKEN = /^[0-9A-Za-z]+$/;
const MAX_PORT = 65_535;
const WEB_PUSH_AUTH_BYTES = 16;
/** Labels of letters, digits and hyphens: no user, escape or blank can hide in it. */
const PUSH_HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;
/** URLs take such names for IPv4 addresses in other notations, `127.1` and `0x7f.1` for one of the host itself. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i;
/** URLs read such numbers as octal. */
const LEADING_ZERO = /(?:^|\.)0\d/;
/** Path and query of RFC 3986; a fragment is no part of an endpoint. */
const PUSH_PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;

function checkedText(what: string, isAllowed: (text: string) => boolean): Codec<string> {
  return mapped(
    shortString,
    (wire) => {
      const text = lenientTextOf(wire);
      if (!isAllowed(text)) throw new DecodeError(`bad ${what}`);
      return text;
    },
    utf8,
  );
}

function isPushHost(text: string): boolean {
  switch (hostKind(text)) {
    case 'ipv6':
      return !text.startsWith('[');
    case 'ipv4':
      return !LEADING_ZERO.test(text);
    case null:
      return false;
    default:
      return PUSH_HOST.test(text) && !text.includes('..') && !ENDS_IN_NUMBER.test(text);
  }
}

function isPort(text: string): boolean {
  return text === '' || (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= MAX_PORT);
}

const p256Point: Codec<Uint8Array> = mapped(
  shortBytes(P256_POINT_BYTES),
  (point) => {
    if (!isP256Point(point)) throw new DecodeError('not a point of P-256');
    return point;
  },
  (point) => point,
);

const webPush = fields({
  host: checkedText('host', isPushHost),
  port: checkedText('port', isPort),
  path: checkedText('path', (text) => PUSH_PATH.test(text)),
  auth: shortBytes(WEB_PUSH_AUTH_BYTES),
  p256dh: p256Point,
});

function apnsToken(provider: ApnsProvider): Codec<Uint8Array> {
  return mapped(
    shortString,
    (token) => {
      if (provider !== 'apns_null' && !APNS_TOKEN.test(lenientTextOf(token))) throw new DecodeError('bad device token');
      return token;
    },
    (token) => token,
  );
}

const APNS_FORMATS = new Map(
  Object.entries(APNS_CODES).map(([code, provider]) => [code, { provider, format: apnsToken(provider) }] as const),
);
const codeOf = new Map<ProviderName, string>([...Object.entries(APNS_CODES).map(([code, provider]) => [provider, code] as const), ['webpush', WEB_PUSH_CODE]]);

/** provider (2) ‖ token */
export const deviceToken: Codec<DeviceToken> = codec<DeviceToken>(
  (r) => {
    const code = lenientTextOf(bytes(2).read(r));
    if (code === WEB_PUSH_CODE) return { provider: 'webpush', ...webPush.read(r) };
    const apns = APNS_FORMATS.get(code);
    if (apns === undefined) throw new DecodeError('unknown push service');
    return { provider: apns.provider, token: apns.format.read(r) };
  },
  (w, value) => {
    w.put(utf8(codeOf.get(value.provider)!));
    if (value.provider === 'webpush') webPush.write(w, value);
    else shortString.write(w, value.token);
  },
);

/** The origin of a Web Push endpoint, as URLs have it: `https://host[:port]`, lower case, without the default port. */
export function webPushOrigin({ host, port }: Pick<WebPushDeviceToken, 'host' | 'port'>): string {
  const name = hostKind(host) === 'ipv6' ? `[${host}]` : host;
  return `https://${name.toLowerCase()}${port === '' || port === '443' ? '' : `:${port}`}`;
}

/** What is kept of a device, and what makes two of them the same (NTF §2.4, §5.1): a push service and a token in its form. */
export function deviceOf(token: DeviceToken): { readonly provider: string; readonly token: Uint8Array } {
  if (token.provider !== 'webpush') return { provider: token.provider, token: token.token };
  const keys = [token.auth, token.p256dh].map((key) => toBase64Url(key).replace(/=+$/, ''));
  return { provider: `webpush ${webPushOrigin(token)}`, token: utf8([token.path, ...keys].join(' ')) };
}
