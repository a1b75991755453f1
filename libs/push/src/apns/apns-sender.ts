/**
 * APNs (NTF §4.7): one JSON object to a device over HTTP/2, on behalf of one app (its topic). Several environments, each
 * with connections of its own and one provider token for all.
 */
import { type Clock, MINUTE, systemClock, utf8 } from '@polyplex/base';
import { silentLogger, type Logger } from '@polyplex/telemetry';
import { createPublicHttpClient, type PublicHttpClient, PublicHttpError, type PublicHttpLimits, type PublicHttpResponse } from '@polyplex/transport-http2';
import { publicRoots, type PublicRoots, type SocksProxy } from '@polyplex/transport-tls';
import { answerOfTrouble } from '../answers.ts';
import { PushSetupError } from '../push-error.ts';
import type { Push, PushAnswer, PushSender } from '../push-sender.ts';
import { createSeldomLog, type SeldomLog } from '../seldom.ts';
import { apnsAnswer } from './apns-answers.ts';
import { type ApnsKey, ProviderToken } from './apns-key.ts';

export type ApnsEnvironment = 'apns_prod' | 'apns_dev' | 'apns_test';

export interface ApnsOptions {
  readonly key: ApnsKey;
  /** The app's bundle id. */
  readonly topic: string;
  /** Where environments are that push; those without are refused. Default: Apple's two. */
  readonly environments?: Partial<Record<ApnsEnvironment, { readonly host: string; readonly port: number }>> | undefined;
  /**
   * For how long Apple keeps a push for a device that is off, in seconds; 0: not at all. Null, the default: as Apple sees
   * fit, and as the reference has it.
   */
  readonly expirySeconds?: number | null | undefined;
  /** Default: those of Node. */
  readonly roots?: PublicRoots | undefined;
  readonly socks?: SocksProxy | undefined;
  readonly limits?: Partial<PublicHttpLimits> | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Logger | undefined;
}

export const APPLE_ENVIRONMENTS = {
  apns_prod: { host: 'api.push.apple.com', port: 443 },
  apns_dev: { host: 'api.sandbox.push.apple.com', port: 443 },
} as const;

/** Apple asks for connections that stay; pings show which are dead. */
const LIMITS: Partial<PublicHttpLimits> = { connections: 4, idleMs: 60 * MINUTE };

const BACKGROUND = { 'content-available': 1 };
const ALERT = { 'mutable-content': 1, alert: 'Encrypted message or another app event', category: 'NTF_CAT_CHECK_MESSAGE' };

/** Throws `PushSetupError` with code `SETTING` for a topic that is none. */
export function createApnsSender(options: ApnsOptions): PushSender {
  if (!/^[A-Za-z0-9.-]{1,155}$/.test(options.topic)) throw new PushSetupError('SETTING', 'the topic of APNs is the bundle id of the app: letters, digits, dots and hyphens');
  return new ApnsSender(options);
}

class ApnsSender implements PushSender {
  readonly #options: ApnsOptions;
  readonly #clock: Clock;
  readonly #seldom: SeldomLog;
  readonly #token: ProviderToken;
  readonly #clients = new Map<string, PublicHttpClient>();

  constructor(options: ApnsOptions) {
    const { environments = APPLE_ENVIRONMENTS, roots = publicRoots(), socks, limits, clock = systemClock, log = silentLogger } = options;
    this.#options = options;
    this.#clock = clock;
    this.#seldom = createSeldomLog(log, clock);
    this.#token = new ProviderToken(options.key, clock);
    for (const [environment, { host, port }] of Object.entries(environments)) {
      this.#clients.set(environment, createPublicHttpClient({ host, port, roots, alpn: ['h2'], socks, limits: { ...LIMITS, ...limits }, clock }));
    }
  }

  placeOf({ provider }: Pick<Push, 'provider'>): string {
    return provider;
  }

  async send(push: Push): Promise<PushAnswer> {
    const client = this.#clients.get(push.provider);
    if (client === undefined) return { result: 'refused', cause: 'not-allowed' };
    // Whatever else it is, it is no token of Apple's, and shall not become another path.
    if (!/^[0-9A-Za-z]{1,255}$/.test(push.token)) return { result: 'invalid', reason: 'BAD', cause: 'bad-token' };
    try {
      return await this.#exchange(client, push);
    } catch (error) {
      if (error instanceof PublicHttpError && error.code === 'TLS') this.#seldom.warn(`tls ${push.provider}`, 'APNs cannot be reached securely', { provider: push.provider, reason: error.message });
      return answerOfTrouble(error);
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    return Promise.resolve();
  }

  async #exchange(client: PublicHttpClient, push: Push): Promise<PushAnswer> {
    let token = this.#token.current();
    let result = apnsAnswer(await this.#post(client, push, token), this.#clock.now());
    if (result.reason === 'ExpiredProviderToken' && this.#token.replace(token)) {
      token = this.#token.current();
      result = apnsAnswer(await this.#post(client, push, token), this.#clock.now());
    }
    if (result.renew) client.renew();
    const { answer, reason } = result;
    if ('cause' in answer && (answer.cause === 'credentials' || answer.cause === 'topic-disallowed')) {
      this.#seldom.warn(`${push.provider} ${reason}`, 'APNs does not accept our key or topic; see "ntf" in the settings: key file, key id, team id, topic', { provider: push.provider, reason });
    }
    return answer;
  }

  #post(client: PublicHttpClient, push: Push, token: string): Promise<PublicHttpResponse> {
    const isAlert = push.kind === 'message';
    const { topic, expirySeconds = null } = this.#options;
    const headers = {
      'apns-topic': topic,
      'apns-push-type': isAlert ? 'alert' : 'background',
      authorization: `bearer ${token}`,
      ...(isAlert ? {} : { 'apns-priority': '5' }),
      ...(expirySeconds === null ? {} : { 'apns-expiration': String(expirySeconds === 0 ? 0 : Math.floor(this.#clock.now() / 1000) + expirySeconds) }),
    };
    const body = utf8(JSON.stringify({ aps: isAlert ? ALERT : BACKGROUND, notificationData: push.data }));
    return client.request({ method: 'POST', path: `/3/device/${push.token}`, headers, body });
  }
}
