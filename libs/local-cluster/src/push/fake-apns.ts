/**
 * APNs on this machine: a real HTTP/2 server over TLS that checks every header, provider token and body of each push, and
 * answers as it is told. What was wrong is kept in `faults` and answered 400, so that a test need only look there.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ApnsChecker, type NotificationData } from './apns-rules.ts';
import { headersOf, listenForPushes, type PushListener } from './push-listener.ts';
import { type Exchange, play, type ScriptedAnswer } from './scripted-answer.ts';
import { type TestCertificate, testCertificate } from './test-certificate.ts';

export interface ApnsPush {
  /** The device token, from the path. */
  readonly token: string;
  readonly type: 'alert' | 'background';
  readonly data: NotificationData;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
  /** `performance.now()` */
  readonly at: number;
}

export interface FakeApnsOptions {
  readonly topic?: string;
  /** Default: one is made. */
  readonly certificate?: TestCertificate;
  /** SETTINGS_MAX_CONCURRENT_STREAMS. */
  readonly streams?: number;
  /** The time that provider tokens are judged by, Unix milliseconds; default the present. */
  readonly now?: () => number;
  /** Processes that push, one after another ones included: each may have a provider token of its own. Default 1. */
  readonly senders?: number;
  /** What is done with a push that is right; undefined or nothing: it is taken. */
  readonly answer?: (push: ApnsPush) => ScriptedAnswer | undefined;
  /** Pushes that were taken are kept in `pushes`; default true. */
  readonly keep?: boolean;
}

export interface FakeApns extends Omit<PushListener, 'port'> {
  readonly host: 'localhost';
  readonly port: number;
  /** PEM: what the sender has to trust. */
  readonly root: string;
  /** The developer's key, as Apple gives it out. */
  readonly key: { readonly pem: string; readonly keyId: string; readonly teamId: string };
  readonly topic: string;
  /** Those that were taken, in their order. */
  readonly pushes: readonly ApnsPush[];
  /** How many were taken, and how many requests came. */
  readonly taken: number;
  readonly requests: number;
  /** What was wrong with requests; has to stay empty. */
  readonly faults: readonly string[];
  /** From now on; undefined: all are taken. */
  answerWith(this: void, answer: FakeApnsOptions['answer']): void;
  /** The next provider token may be a new one, however young the last one is. */
  expectNewToken(this: void): void;
}

/** What the tests know of Apple's account. */
const KEY_ID = 'ABC123DEFG';
const TEAM_ID = 'DEF123GHIJ';
const TAKEN: ScriptedAnswer = { status: 200, headers: { 'apns-id': 'EC1BF194-B3B2-424A-89E7-AF30BFC97E42' } };

/** Resolves when it listens. Rejects with PROGRAM where openssl is not there. */
export async function startFakeApns(options: FakeApnsOptions = {}): Promise<FakeApns> {
  const certificate = options.certificate ?? (await testCertificate());
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const apns = new Apns(options);
  const listener = await listenForPushes({ certificate, streams: options.streams, onRequest: apns.onRequest });
  apns.listensOn(listener.port, publicKey);
  return {
    host: 'localhost',
    port: listener.port,
    root: certificate.certificate,
    key: { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), keyId: KEY_ID, teamId: TEAM_ID },
    topic: apns.topic,
    pushes: apns.pushes,
    faults: apns.faults,
    get taken() { return apns.taken; },
    get requests() { return apns.requests; },
    get accepted() { return listener.accepted; },
    get open() { return listener.open; },
    answerWith: (next) => { apns.answer = next; },
    expectNewToken: () => apns.checker?.forgetTokens(),
    refuseNext: listener.refuseNext,
    goAway: listener.goAway,
    drop: listener.drop,
    stop: listener.stop,
  };
}

class Apns {
  readonly topic: string;
  readonly pushes: ApnsPush[] = [];
  readonly faults: string[] = [];
  readonly #options: FakeApnsOptions;
  answer: FakeApnsOptions['answer'];
  checker: ApnsChecker | null = null;
  taken = 0;
  requests = 0;

  constructor(options: FakeApnsOptions) {
    this.#options = options;
    this.topic = options.topic ?? 'org.example.app';
    this.answer = options.answer;
  }

  listensOn(port: number, key: KeyObject): void {
    const { now = () => Date.now(), senders = 1 } = this.#options;
    const { x = '', y = '' } = key.export({ format: 'jwk' });
    const publicKey = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    this.checker = new ApnsChecker({ topic: this.topic, keyId: KEY_ID, teamId: TEAM_ID, publicKey, authority: `localhost:${port}`, now, senders });
  }

  readonly onRequest = (exchange: Exchange): void => {
    this.requests += 1;
    const { request: { method = '', url = '' }, body } = exchange;
    const headers = headersOf(exchange.request);
    const { faults, data } = this.checker!.check({ method, path: url, headers, body });
    if (faults.length > 0) {
      this.faults.push(...faults);
      return play({ status: 400, body: '{"reason":"BadRequestOfATest"}' }, exchange);
    }
    const type = headers['apns-push-type'] === 'alert' ? 'alert' : 'background';
    this.#take({ token: url.slice('/3/device/'.length), type, data, headers, bodyBytes: body.length, at: performance.now() }, exchange);
  };

  #take(push: ApnsPush, exchange: Exchange): void {
    const scripted = this.answer?.(push) ?? TAKEN;
    if (typeof scripted === 'object' && scripted.status === 200) {
      this.taken += 1;
      if (this.#options.keep !== false) this.pushes.push(push);
    }
    play(scripted, exchange);
  }
}
