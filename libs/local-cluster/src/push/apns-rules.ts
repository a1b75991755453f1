/** What APNs demands of a push (NTF §4.7, §9.2), written from the sheet and Apple's documentation, apart from the code that pushes. */
import { checkToken } from './json-web-token.ts';

export interface ApnsRules {
  readonly topic: string;
  readonly keyId: string;
  readonly teamId: string;
  /** The uncompressed point of the key, 65 bytes. */
  readonly publicKey: Uint8Array;
  /** `host[:port]` that requests have to name. */
  readonly authority: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Processes that push: each may have a token of its own. */
  readonly senders: number;
}

export interface ApnsRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface NotificationData {
  readonly nonce?: string;
  readonly verification?: string;
  readonly message?: string;
  readonly checkMessages?: true;
}

const BACKGROUND = { 'content-available': 1 };
const ALERT = { 'mutable-content': 1, alert: 'Encrypted message or another app event', category: 'NTF_CAT_CHECK_MESSAGE' };
const KNOWN_HEADERS = new Set([':method', ':scheme', ':authority', ':path', 'apns-topic', 'apns-push-type', 'apns-priority', 'apns-expiration', 'apns-id', 'apns-collapse-id', 'authorization', 'content-length', 'content-type']);
/** More than the reference sends. */
const MAX_BODY_BYTES = 4400;
const HOUR_SECONDS = 3600;
const MIN_TOKEN_SECONDS = 20 * 60;

/** Watches one sender: nonces and tokens are compared with those before. */
export class ApnsChecker {
  readonly #rules: ApnsRules;
  readonly #nonces = new Map<string, string>();
  /** When each token was made, seconds. */
  readonly #tokens = new Map<string, number>();

  constructor(rules: ApnsRules) {
    this.#rules = rules;
  }

  /** Everything that is wrong with a request, and the data of one that is right. */
  check(request: ApnsRequest): { readonly faults: readonly string[]; readonly data: NotificationData } {
    const faults = [...this.#headerFaults(request), ...this.#tokenFaults(request.headers.authorization ?? '')];
    const body = jsonObject(request.body.toString());
    if (body === null) return { faults: [...faults, 'the body is no JSON object'], data: {} };
    const data = (body.notificationData ?? {}) as NotificationData;
    return { faults: [...faults, ...bodyFaults(body, data, request), ...this.#nonceFaults(data)], data };
  }

  #headerFaults({ method, path, headers }: ApnsRequest): string[] {
    const faults = Object.keys(headers).filter((name) => !KNOWN_HEADERS.has(name)).map((name) => `a header that has no place here: ${name}`);
    const demand = (holds: boolean, fault: string): unknown => holds || faults.push(fault);
    demand(method === 'POST', 'the method is not POST');
    demand(/^\/3\/device\/[0-9A-Za-z]+$/.test(path), 'the path is not /3/device/<token>');
    demand(headers[':scheme'] === 'https', 'the scheme is not https');
    demand(headers[':authority'] === this.#rules.authority, 'the authority is another');
    demand(headers['apns-topic'] === this.#rules.topic, 'the topic is another');
    const isAlert = headers['apns-push-type'] === 'alert';
    demand(isAlert || headers['apns-push-type'] === 'background', 'the push type is neither alert nor background');
    demand(isAlert ? [undefined, '10'].includes(headers['apns-priority']) : headers['apns-priority'] === '5', 'the priority does not suit the push type');
    demand(/^\d+$/.test(headers['apns-expiration'] ?? '0'), 'the expiration is no number');
    return faults;
  }

  #tokenFaults(authorization: string): string[] {
    const token = /^bearer (\S+)$/.exec(authorization)?.[1];
    if (token === undefined) return ['the authorization is no bearer token'];
    const { header, claims, faults } = checkToken(token, this.#rules.publicKey);
    const found = [...faults];
    const iat = typeof claims.iat === 'number' ? claims.iat : 0;
    if (header.kid !== this.#rules.keyId) found.push('kid is another');
    if (claims.iss !== this.#rules.teamId) found.push('iss is another');
    if (Math.abs(iat - this.#rules.now() / 1000) > HOUR_SECONDS) found.push('the token is older than an hour, or of the future');
    if (!this.#tokens.has(token)) {
      const young = [...this.#tokens.values()].filter((madeAt) => iat - madeAt < MIN_TOKEN_SECONDS);
      if (young.length >= this.#rules.senders) found.push('the token was made anew within 20 minutes');
      this.#tokens.set(token, iat);
    }
    return found;
  }

  /** As when an answer demanded another token. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  /** The very same push may come twice, where its answer was lost. */
  #nonceFaults({ nonce, verification, message }: NotificationData): string[] {
    if (nonce === undefined) return [];
    const sealed = verification ?? message ?? '';
    const before = this.#nonces.get(nonce) ?? sealed;
    this.#nonces.set(nonce, before);
    return before === sealed ? [] : ['a nonce was used before'];
  }
}

function bodyFaults(body: Readonly<Record<string, unknown>>, data: NotificationData, { headers, body: bytes }: ApnsRequest): string[] {
  const faults: string[] = [];
  const demand = (holds: boolean, fault: string): unknown => holds || faults.push(fault);
  demand(bytes.length <= MAX_BODY_BYTES, 'the body is too long');
  demand(Object.keys(body).sort().join() === 'aps,notificationData', 'the body has other parts than aps and notificationData');
  const kind = Object.keys(data).sort().join();
  const isAlert = kind === 'message,nonce';
  demand(isAlert || kind === 'nonce,verification' || kind === 'checkMessages', 'the notification data are of no kind that is known');
  demand(same(body.aps, isAlert ? ALERT : BACKGROUND), 'aps does not suit the data');
  demand((headers['apns-push-type'] === 'alert') === isAlert, 'the push type does not suit the data');
  if (kind === 'checkMessages') demand(data.checkMessages === true, 'checkMessages is not true');
  else demand(paddedBytes(data.nonce) === 24 && (paddedBytes(data.message ?? data.verification) ?? 0) > 18, 'nonce or sealed data are no base64url with padding, or of another length');
  return faults;
}

/** Base64url with the padding that the length needs; null for anything else. */
function paddedBytes(text: string | undefined): number | null {
  if (text === undefined || text.length % 4 !== 0 || !/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return null;
  return Buffer.from(text, 'base64url').length;
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function same(value: unknown, wanted: Readonly<Record<string, unknown>>): boolean {
  const sorted = (object: unknown): string => JSON.stringify(Object.entries(object ?? {}).sort());
  return sorted(value) === sorted(wanted);
}
