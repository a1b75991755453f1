/**
 * A push service of browsers and UnifiedPush (RFC 8030) on this machine, with the browsers behind it: it checks who pushes
 * (RFC 8292) and decrypts as the browser would (RFC 8291). What was wrong is kept in `faults`.
 */
import { createECDH, randomBytes } from 'node:crypto';
import { type BrowserKeys, decryptWebPush } from './decrypt-web-push.ts';
import { checkToken } from './json-web-token.ts';
import { headersOf, listenForPushes, type PushListener } from './push-listener.ts';
import { type Exchange, play, type ScriptedAnswer } from './scripted-answer.ts';
import { type TestCertificate, testCertificate } from './test-certificate.ts';

export interface WebPushSubscription {
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly auth: Uint8Array;
  readonly p256dh: Uint8Array;
  /** As the token store keeps it: `webpush <origin>` and `<path> <auth> <p256dh>` (NTF §5.1). */
  readonly provider: string;
  readonly token: string;
}

export interface WebPushReceived {
  readonly path: string;
  /** The plaintext, parsed. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
  readonly http: string;
}

export interface FakePushServiceOptions {
  /** `1.1`: HTTP/2 is not spoken. */
  readonly http?: '2' | '1.1';
  readonly certificate?: TestCertificate;
  readonly answer?: (push: WebPushReceived) => ScriptedAnswer | undefined;
  readonly streams?: number;
}

export interface FakePushService extends PushListener {
  /** PEM: what the sender has to trust. */
  readonly root: string;
  readonly origin: string;
  readonly pushes: readonly WebPushReceived[];
  readonly requests: number;
  readonly faults: readonly string[];
  /** A browser subscribes; with a VAPID key (base64url) pushes of others are refused with 403. */
  subscribe(vapidPublicKey?: string): WebPushSubscription;
  /** The browser goes; pushes to it are answered 410. */
  unsubscribe(path: string): void;
  answerWith(answer: FakePushServiceOptions['answer']): void;
}

interface Browser extends BrowserKeys {
  readonly vapidPublicKey: string | undefined;
  isGone: boolean;
}

const DAY_SECONDS = 86_400;

/** Resolves when it listens. Rejects with PROGRAM where openssl is not there. */
export async function startFakePushService(options: FakePushServiceOptions = {}): Promise<FakePushService> {
  const service = new Service(options.certificate ?? await testCertificate(), options.answer);
  const listener = await listenForPushes({ certificate: service.certificate, http: options.http, streams: options.streams, onRequest: service.onRequest });
  return service.with(listener);
}

class Service {
  readonly certificate: TestCertificate;
  readonly pushes: WebPushReceived[] = [];
  readonly faults: string[] = [];
  readonly #browsers = new Map<string, Browser>();
  #answer: FakePushServiceOptions['answer'];
  #origin = '';
  #requests = 0;

  constructor(certificate: TestCertificate, answer: FakePushServiceOptions['answer']) {
    this.certificate = certificate;
    this.#answer = answer;
  }

  with(listener: PushListener): FakePushService {
    const { port } = listener;
    this.#origin = `https://localhost:${port}`;
    const requests = (): number => this.#requests;
    return {
      port,
      get accepted() { return listener.accepted; },
      get open() { return listener.open; },
      refuseNext: listener.refuseNext,
      goAway: listener.goAway,
      drop: listener.drop,
      stop: listener.stop,
      root: this.certificate.certificate,
      origin: this.#origin,
      pushes: this.pushes,
      faults: this.faults,
      get requests() { return requests(); },
      subscribe: (vapidPublicKey) => this.#subscribe(port, vapidPublicKey),
      unsubscribe: (path) => { this.#browsers.get(path)!.isGone = true; },
      answerWith: (answer) => { this.#answer = answer; },
    };
  }

  readonly onRequest = (exchange: Exchange): void => {
    this.#requests += 1;
    const browser = this.#browsers.get(exchange.request.url ?? '');
    if (browser === undefined || browser.isGone) return play({ status: browser === undefined ? 404 : 410 }, exchange);
    const headers = headersOf(exchange.request);
    const opened = decryptWebPush(exchange.body, browser);
    this.faults.push(...this.#faultsOf(exchange, headers), ...('fault' in opened ? [opened.fault] : []));
    if (this.faults.length > 0 || 'fault' in opened) return play({ status: 400 }, exchange);
    const { vapidPublicKey } = browser;
    if (vapidPublicKey !== undefined && !headers.authorization!.includes(`k=${vapidPublicKey}`)) return play({ status: 403 }, exchange);
    const data = JSON.parse(opened.plaintext) as Record<string, unknown>;
    this.#take({ path: exchange.request.url!, data, headers, bodyBytes: exchange.body.length, http: exchange.request.httpVersion }, exchange);
  };

  #faultsOf({ request }: Exchange, headers: Readonly<Record<string, string>>): string[] {
    return [...headerFaults(request.method ?? '', headers), ...this.#vapidFaults(headers.authorization ?? '')];
  }

  #take(push: WebPushReceived, exchange: Exchange): void {
    const scripted = this.#answer?.(push) ?? { status: 201, headers: { location: `${this.#origin}/message` } };
    if (typeof scripted === 'object' && scripted.status < 300) this.pushes.push(push);
    play(scripted, exchange);
  }

  #subscribe(port: number, vapidPublicKey: string | undefined): WebPushSubscription {
    const ecdh = createECDH('prime256v1');
    const p256dh = ecdh.generateKeys();
    const auth = randomBytes(16);
    const path = `/push/${randomBytes(24).toString('base64url')}`;
    this.#browsers.set(path, { ecdh, auth, vapidPublicKey, isGone: false });
    const token = `${path} ${auth.toString('base64url')} ${p256dh.toString('base64url')}`;
    return { origin: this.#origin, host: 'localhost', port, path, auth, p256dh, provider: `webpush ${this.#origin}`, token };
  }

  #vapidFaults(authorization: string): string[] {
    const match = /^vapid t=([^,\s]+), ?k=([A-Za-z0-9_-]{87})$/.exec(authorization);
    if (match === null) return ['the authorization is not vapid t=…, k=…'];
    const { header, claims, faults } = checkToken(match[1]!, Buffer.from(match[2]!, 'base64url'));
    const found = [...faults];
    const exp = typeof claims.exp === 'number' ? claims.exp : 0;
    const left = exp - Date.now() / 1000;
    if (header.typ !== 'JWT') found.push('typ is not JWT');
    if (claims.aud !== this.#origin) found.push('aud is not the origin of this service');
    if (left <= 0 || left > DAY_SECONDS) found.push('exp is over, or more than a day away');
    if (typeof claims.sub !== 'string' || !/^(mailto|https):/.test(claims.sub)) found.push('sub is no address to write to');
    return found;
  }
}

function headerFaults(method: string, headers: Readonly<Record<string, string>>): string[] {
  const faults: string[] = [];
  const demand = (holds: boolean, fault: string): unknown => holds || faults.push(fault);
  demand(method === 'POST', 'the method is not POST');
  demand(/^\d+$/.test(headers.ttl ?? ''), 'there is no TTL');
  demand(/^(very-low|low|normal|high)$/.test(headers.urgency ?? ''), 'the urgency is none of RFC 8030');
  demand(headers['content-encoding'] === 'aes128gcm', 'the content encoding is not aes128gcm');
  demand(/^[A-Za-z0-9_-]{1,32}$/.test(headers.topic ?? 'none'), 'the topic is none of RFC 8030');
  return faults;
}
