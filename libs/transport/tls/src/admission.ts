/**
 * Who may connect (design §4): bounds on connections in total, on handshakes in flight, and by client address. Every
 * accepted socket holds one `Admission` until it is gone; its slots are given back exactly once.
 */
import type { CounterFamily } from '@polyplex/telemetry';
import { AddressLimits } from './address-limits.ts';

/** Why a connection was turned away before it became one. */
export type RejectReason =
  | 'tls'
  | 'timeout'
  | 'alpn'
  | 'handshakes'
  | 'connections'
  | 'address'
  | 'client-certificate'
  | 'proxy';

export interface ConnectionLimits {
  /** All sockets together, those in handshake included. */
  readonly connections: number;
  /** Sockets between accept and the end of the TLS handshake; one address may have a tenth of them. */
  readonly handshakes: number;
  /** Open at once from one IPv4 address or IPv6 /64. */
  readonly connectionsPerAddress: number;
  /** New ones a minute from one IPv4 address or IPv6 /64. */
  readonly newPerMinutePerAddress: number;
}

/** Generous for one machine: mobile operators put thousands of phones behind one address. */
export const DEFAULT_LIMITS: ConnectionLimits = {
  connections: 100_000,
  handshakes: 1_000,
  connectionsPerAddress: 5_000,
  newPerMinutePerAddress: 3_000,
};

/** Of the handshakes in flight: one client that begins them and does not go on must not keep all others out. */
const ADDRESS_SHARE = 0.1;

export class AdmissionControl {
  readonly #limits: ConnectionLimits;
  readonly #addresses: AddressLimits;
  readonly #rejected: CounterFamily<RejectReason>;
  /** One for all admissions. */
  readonly #effects: AdmissionEffects = {
    address: (key) => this.#addresses.admit(key),
    handshakeOver: (addressKey) => {
      this.#handshakes--;
      if (addressKey !== null) this.#addresses.handshakeOver(addressKey);
    },
    gone: (addressKey) => {
      this.#connections--;
      if (addressKey !== null) this.#addresses.release(addressKey);
    },
    reject: (reason) => this.#rejected.add(reason),
  };
  #connections = 0;
  #handshakes = 0;

  constructor(limits: ConnectionLimits, rejected: CounterFamily<RejectReason>, now: () => number) {
    this.#limits = limits;
    this.#rejected = rejected;
    this.#addresses = new AddressLimits({
      open: limits.connectionsPerAddress,
      handshakes: Math.ceil(limits.handshakes * ADDRESS_SHARE),
      perMinute: limits.newPerMinutePerAddress,
      now,
    });
  }

  get connections(): number {
    return this.#connections;
  }

  get handshakes(): number {
    return this.#handshakes;
  }

  /** Takes a connection and a handshake slot; null when there is none, which has been counted. */
  enter(): Admission | null {
    if (this.#connections >= this.#limits.connections) return this.#refuse('connections');
    if (this.#handshakes >= this.#limits.handshakes) return this.#refuse('handshakes');
    this.#connections++;
    this.#handshakes++;
    return new Admission(this.#effects);
  }

  #refuse(reason: RejectReason): null {
    this.#rejected.add(reason);
    return null;
  }
}

interface AdmissionEffects {
  address(key: string): boolean;
  handshakeOver(addressKey: string | null): void;
  gone(addressKey: string | null): void;
  reject(reason: RejectReason): void;
}

export class Admission {
  readonly #effects: AdmissionEffects;
  #state: 'handshake' | 'connected' | 'gone' = 'handshake';
  #rejected = false;
  #addressKey: string | null = null;

  constructor(effects: AdmissionEffects) {
    this.#effects = effects;
  }

  get addressKey(): string {
    return this.#addressKey ?? 'unknown';
  }

  /** Counts the client's address; false when it is over a limit, which has been counted. */
  admitAddress(key: string): boolean {
    if (!this.#effects.address(key)) {
      this.reject('address');
      return false;
    }
    this.#addressKey = key;
    return true;
  }

  /** Counts why this one fails; only the first reason counts. */
  reject(reason: RejectReason): void {
    if (this.#rejected) return;
    this.#rejected = true;
    this.#effects.reject(reason);
  }

  handshakeDone(): void {
    if (this.#state !== 'handshake') return;
    this.#state = 'connected';
    this.#effects.handshakeOver(this.#addressKey);
  }

  /** Gives everything back; an unfinished handshake without another reason counts as `tls`. */
  release(): void {
    if (this.#state === 'gone') return;
    if (this.#state === 'handshake') {
      this.reject('tls');
      this.#effects.handshakeOver(this.#addressKey);
    }
    this.#state = 'gone';
    this.#effects.gone(this.#addressKey);
  }
}
