/**
 * Web Push (RFC 8030) to whatever push service a device named: a browser's, or a UnifiedPush distributor's. The service is
 * a stranger chosen by a stranger, so names lead to public addresses only, answers are bounded, redirects are not followed,
 * and what is kept for a service is bounded and forgotten.
 */
import { type Clock, SECOND, systemClock, utf8 } from '@polyplex/base';
import { silentLogger, type Logger } from '@polyplex/telemetry';
import { createPublicHttpClient, type PublicHttpClient, PublicHttpError, type PublicHttpLimits } from '@polyplex/transport-http2';
import { isPublicAddress, publicRoots, type PublicRoots, type SocksProxy } from '@polyplex/transport-tls';
import { answerOfTrouble, later, refused } from '../answers.ts';
import type { Push, PushAnswer, PushSender } from '../push-sender.ts';
import { createSeldomLog, type SeldomLog } from '../seldom.ts';
import { encryptPush, MAX_WEB_PUSH_BYTES } from './encrypt.ts';
import { type WebPushEndpoint, webPushEndpoint, webPushOrigin } from './endpoint.ts';
import { checkSubject, VapidHeader, type VapidKey } from './vapid.ts';
import { webPushAnswer } from './web-push-answers.ts';

export interface WebPushOptions {
  readonly vapid: VapidKey;
  /** `mailto:` or `https:`, for the push service's operator. */
  readonly subject: string;
  /** How long a service keeps a push for a device that is off; seconds, default 30 days. */
  readonly ttlSeconds?: number | undefined;
  /** Push services that may be used: host names, or `*.` before one for those below it. Null, the default: all. */
  readonly allowedHosts?: readonly string[] | null | undefined;
  /** Where names may lead; default: public addresses only. */
  readonly allowAddress?: ((address: string) => boolean) | undefined;
  /** Services with connections at once; default 512. */
  readonly maxOrigins?: number | undefined;
  readonly roots?: PublicRoots | undefined;
  readonly socks?: SocksProxy | undefined;
  readonly limits?: Partial<PublicHttpLimits> | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Logger | undefined;
}

const TTL_SECONDS = 2_592_000;
const MAX_ORIGINS = 512;
const LIMITS: Partial<PublicHttpLimits> = { connections: 2, streams: 100, connectTimeoutMs: 10 * SECOND, requestTimeoutMs: 15 * SECOND };
/** Later checks replace earlier ones that were not fetched (RFC 8030 §5.4); messages never replace each other. */
const CHECK_TOPIC = 'check';
const BAD_DEVICE: PushAnswer = { result: 'invalid', reason: 'BAD', cause: 'bad-token' };

interface Origin {
  readonly client: PublicHttpClient;
  readonly vapid: VapidHeader;
}

/** Throws `PushSetupError` with code `SETTING` for a subject that is none. */
export function createWebPushSender(options: WebPushOptions): PushSender {
  return new WebPushSender({ ...options, subject: checkSubject(options.subject) });
}

class WebPushSender implements PushSender {
  readonly #options: WebPushOptions;
  readonly #clock: Clock;
  readonly #seldom: SeldomLog;
  readonly #roots: PublicRoots;
  /** Those used longest ago first. */
  readonly #origins = new Map<string, Origin>();

  constructor(options: WebPushOptions) {
    const { roots = publicRoots(), clock = systemClock, log = silentLogger } = options;
    this.#options = options;
    this.#clock = clock;
    this.#seldom = createSeldomLog(log, clock);
    this.#roots = roots;
  }

  placeOf({ provider }: Pick<Push, 'provider'>): string {
    return webPushOrigin(provider)?.origin ?? 'webpush';
  }

  async send(push: Push): Promise<PushAnswer> {
    const endpoint = webPushEndpoint(push.provider, push.token);
    if (endpoint === null) return BAD_DEVICE;
    if (!this.#isAllowed(endpoint.host)) return refused('not-allowed');
    const plain = utf8(JSON.stringify(push.data));
    if (plain.length > MAX_WEB_PUSH_BYTES) return refused('too-large');
    const body = encryptPush(plain, endpoint.keys);
    if (body === null) return BAD_DEVICE;
    const origin = this.#originOf(endpoint);
    if (origin === null) return later('busy');
    try {
      const response = await origin.client.request({ method: 'POST', path: endpoint.path, headers: this.#headersOf(push, origin), body });
      if (response.status === 503) origin.client.renew();
      return this.#told(webPushAnswer(response, this.#clock.now()));
    } catch (error) {
      if (error instanceof PublicHttpError && error.code === 'TLS') this.#seldom.warn('tls', 'a push service cannot be reached securely', { reason: error.message });
      return this.#told(answerOfTrouble(error));
    }
  }

  async close(): Promise<void> {
    for (const { client } of this.#origins.values()) client.close();
    this.#origins.clear();
    return Promise.resolve();
  }

  #headersOf(push: Push, origin: Origin): Record<string, string> {
    return {
      ttl: String(this.#options.ttlSeconds ?? TTL_SECONDS),
      urgency: 'high',
      'content-type': 'application/octet-stream',
      'content-encoding': 'aes128gcm',
      authorization: origin.vapid.current(),
      ...(push.kind === 'check' ? { topic: CHECK_TOPIC } : {}),
    };
  }

  #isAllowed(host: string): boolean {
    const { allowedHosts = null } = this.#options;
    return allowedHosts === null || allowedHosts.some((rule) => (rule.startsWith('*.') ? host.endsWith(rule.slice(1)) : host === rule));
  }

  /** Null when every place is taken by services with requests under way. */
  #originOf({ origin, host, port }: WebPushEndpoint): Origin | null {
    const known = this.#origins.get(origin);
    if (known !== undefined) {
      this.#origins.delete(origin);
      this.#origins.set(origin, known);
      return known;
    }
    if (this.#origins.size >= (this.#options.maxOrigins ?? MAX_ORIGINS) && !this.#forgetOne()) return null;
    const { vapid, subject, allowAddress = isPublicAddress, socks, limits } = this.#options;
    const made = {
      client: createPublicHttpClient({ host, port, roots: this.#roots, allowAddress, socks, limits: { ...LIMITS, ...limits }, clock: this.#clock }),
      vapid: new VapidHeader(vapid, { subject, origin }, this.#clock),
    };
    this.#origins.set(origin, made);
    return made;
  }

  #forgetOne(): boolean {
    for (const [origin, { client }] of this.#origins) {
      if (client.active > 0) continue;
      client.close();
      this.#origins.delete(origin);
      return true;
    }
    return false;
  }

  #told(answer: PushAnswer): PushAnswer {
    if ('cause' in answer && answer.cause === 'credentials') {
      this.#seldom.warn('credentials', 'a push service does not accept our VAPID key: devices that subscribed with another key have to do so again');
    }
    return answer;
  }
}
