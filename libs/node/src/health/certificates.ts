/**
 * The certificates that a node shows, and how long they are good for. Clients refuse a server whose certificate has ended
 * (SMP §2.3): the operator hears of it before, several times, and when it has happened.
 */
import { X509Certificate } from 'node:crypto';
import { type Clock, DAY, HOUR } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';
import type { Check } from './readiness.ts';

export type CertificateName = 'identity' | 'web';

/** Milliseconds since 1970. */
export interface CertificateFacts {
  readonly name: CertificateName;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What there is to do, in the operator's words. */
const REMEDIES: Readonly<Record<CertificateName, string>> = {
  identity: '"polyplex cert rotate" makes a new one under the same identity',
  web: 'put a new one in its place, then reload',
};

/** Web certificates are often renewed a month before their end, by programs: what is that near is not worth a word yet. */
const WARN_BEFORE_DAYS: Readonly<Record<CertificateName, readonly number[]>> = { identity: [30, 7, 1, 0], web: [7, 1, 0] };
const LOOK_MS = HOUR;

interface Shown {
  /** DER, leaf first; all of them have to be good, since clients check the whole chain. */
  readonly identity: readonly Uint8Array[];
  /** PEM, leaf first; null for none. The leaf counts: the others are the authority's care. */
  readonly web: string | null;
}

export class Certificates {
  private readonly clock: Clock;
  private readonly log: Logger;
  private shown: readonly CertificateFacts[] = [];
  /** For each the fewest days before its end that were told. */
  private readonly told = new Map<CertificateName, number>();
  private readonly stopLooking: () => void;

  constructor(clock: Clock, log: Logger) {
    this.clock = clock;
    this.log = log;
    this.stopLooking = clock.every(LOOK_MS, () => this.warn());
  }

  /** At the start, and whenever others are shown. */
  show({ identity, web }: Shown): void {
    this.shown = [
      factsOf('identity', identity.map((certificate) => new X509Certificate(certificate))),
      ...(web === null ? [] : [factsOf('web', [new X509Certificate(web)])]),
    ];
    this.told.clear();
    this.warn();
  }

  get facts(): readonly CertificateFacts[] {
    return this.shown;
  }

  /** The ends of all, ISO 8601. */
  get dates(): readonly { readonly name: CertificateName; readonly notAfter: string }[] {
    return this.shown.map(({ name, notAfter }) => ({ name, notAfter: new Date(notAfter).toISOString() }));
  }

  /** Pages need the web certificate, but no app does: it makes no node unready. */
  readonly check: Check = {
    failed: 'the certificate is unknown',
    reasons: () => this.shown.filter(({ name }) => name === 'identity').flatMap(({ notBefore, notAfter }) => {
      const now = this.clock.now();
      if (now > notAfter) return ['the certificate has expired'];
      return now < notBefore ? ['the certificate is not valid yet'] : [];
    }),
  };

  stop(): void {
    this.stopLooking();
  }

  private warn(): void {
    for (const { name, notAfter } of this.shown) {
      const left = notAfter - this.clock.now();
      const due = WARN_BEFORE_DAYS[name].findLast((days) => left < days * DAY);
      if (due === undefined || due >= (this.told.get(name) ?? Infinity)) continue;
      this.told.set(name, due);
      if (due === 0) this.log.error(`a certificate has expired: ${REMEDIES[name]}`, { certificate: name });
      else this.log.warn(`a certificate ends soon: ${REMEDIES[name]}`, { certificate: name, days: Math.floor(left / DAY) });
    }
  }
}

function factsOf(name: CertificateName, certificates: readonly X509Certificate[]): CertificateFacts {
  return {
    name,
    notBefore: Math.max(...certificates.map(({ validFromDate }) => validFromDate.getTime())),
    notAfter: Math.min(...certificates.map(({ validToDate }) => validToDate.getTime())),
  };
}
