/**
 * A TLS 1.3 handshake by OpenSSL on a socket that it never owns: it sees the handshake's records and nothing after them, and
 * leaves the traffic secrets (RFC 8446 §7.1) behind. So its state, and that of Node's TLS socket, need not live as long as
 * the connection.
 *
 *   raw socket ─records, one at a time─▶ Tap (a stream in memory) ─▶ TLSSocket
 *              ◀─server's flight─────────
 *
 * Once the client's encrypted flight has begun, the server has said all that a handshake takes. What OpenSSL writes from
 * then on is either an alert, which is sent when the handshake fails, or tickets under the keys of the connection, which
 * are dropped when it succeeds: nobody may resume (SMP §2.5), and our records count from zero.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Clock } from '@polyplex/base';
import type { TlsEngine } from '../tls-engine.ts';
import type { TrafficSecrets } from './record-layer.ts';
import type { RecordsSocket } from './record-connection.ts';
import { RecordSplitter } from './record-splitter.ts';

const APPLICATION_DATA = 23;
const CIPHER = 'TLS_CHACHA20_POLY1305_SHA256';
/** A handshake takes a few KiB; a client that sends more before it is over waits for the answer first. */
const MAX_AHEAD_BYTES = 65_536;

export interface OwnHandshake {
  readonly raw: Socket;
  /** What was read of it already. */
  readonly read: Uint8Array;
  readonly engine: TlsEngine;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** None of the protocols that the client offers is known. */
  readonly noProtocol: () => void;
  readonly timedOut: () => void;
  /** `tls`: for what the handshake says; it is of no use afterwards. */
  readonly done: (tls: TLSSocket, socket: RecordsSocket) => void;
}

/** Calls `done`, or destroys `raw`. */
export function doHandshake(options: OwnHandshake): void {
  new Handshake(options).begin();
}

/** The stream that OpenSSL reads and writes. */
class Tap extends Duplex {
  readonly #written: (bytes: Uint8Array) => void;

  constructor(written: (bytes: Uint8Array) => void) {
    super();
    this.#written = written;
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.#written(bytes);
    done();
  }
}

class Handshake {
  readonly #options: OwnHandshake;
  readonly #splitter = new RecordSplitter();
  readonly #tap: Tap;
  readonly #tls: TLSSocket;
  readonly #secrets = new Map<string, Uint8Array>();
  readonly #records: Uint8Array[] = [];
  readonly #held: Uint8Array[] = [];
  #ahead = 0;
  #holds = false;
  #feeding = false;
  #over = false;
  #cancelTimeout: () => void = () => undefined;
  readonly #onData = (chunk: Uint8Array): void => this.#received(chunk);
  readonly #onGone = (): void => this.#fail();

  constructor(options: OwnHandshake) {
    const { engine } = options;
    this.#options = options;
    this.#tap = new Tap((bytes) => this.#wrote(bytes));
    this.#tls = new TLSSocket(this.#tap, {
      isServer: true,
      secureContext: engine.context,
      requestCert: engine.requestsCertificate,
      rejectUnauthorized: false,
      ALPNCallback: (offer) => this.#chooseProtocol(offer),
    });
  }

  begin(): void {
    const { raw, read, clock, timeoutMs, timedOut } = this.#options;
    this.#cancelTimeout = clock.after(timeoutMs, () => {
      timedOut();
      this.#fail();
    });
    this.#tls.on('keylog', (line) => this.#learn(line));
    this.#tls.on('secure', () => this.#succeed());
    this.#tls.on('error', this.#onGone).on('close', this.#onGone);
    raw.on('data', this.#onData).on('end', this.#onGone).on('close', this.#onGone);
    this.#received(read);
    raw.resume();
  }

  #chooseProtocol({ servername, protocols }: { readonly servername: string; readonly protocols: string[] }): string | undefined {
    const chosen = this.#options.engine.chooseProtocol(protocols, servername);
    if (chosen === undefined) this.#options.noProtocol();
    return chosen;
  }

  #received(chunk: Uint8Array): void {
    const fine = this.#splitter.push(chunk, (record) => {
      this.#records.push(record);
      this.#ahead += record.length;
      return true;
    });
    if (!fine) return this.#fail();
    if (this.#ahead > MAX_AHEAD_BYTES) this.#options.raw.pause();
    this.#feed();
  }

  /** One record in each turn, so that OpenSSL never sees one beyond the handshake. */
  #feed(): void {
    const record = this.#feeding || this.#over ? undefined : this.#records.shift();
    if (record === undefined) return;
    this.#feeding = true;
    this.#holds ||= record[0] === APPLICATION_DATA;
    this.#tap.push(record);
    setImmediate(() => {
      this.#feeding = false;
      if (this.#over) return;
      this.#ahead -= record.length;
      if (this.#ahead <= MAX_AHEAD_BYTES) this.#options.raw.resume();
      this.#feed();
    });
  }

  #wrote(bytes: Uint8Array): void {
    if (this.#holds) this.#held.push(bytes);
    else if (!this.#over) this.#options.raw.write(bytes);
  }

  /** A line of the NSS key log: label, client random, secret. */
  #learn(line: Uint8Array): void {
    const [label = '', , secret = ''] = Buffer.from(line).toString('latin1').trim().split(' ');
    this.#secrets.set(label, Uint8Array.from(Buffer.from(secret, 'hex')));
  }

  #succeed(): void {
    if (this.#over) return;
    const secrets = this.#trafficSecrets();
    if (secrets === null) return this.#fail();
    this.#end();
    const { raw, done } = this.#options;
    raw.pause();
    const rest = this.#splitter.takeRest();
    done(this.#tls, { socket: raw, secrets, early: rest === null ? this.#records : [...this.#records, rest] });
    this.#tls.destroy();
  }

  /** Null for what our records are not made for. */
  #trafficSecrets(): TrafficSecrets | null {
    const [receive, send] = [this.#secrets.get('CLIENT_TRAFFIC_SECRET_0'), this.#secrets.get('SERVER_TRAFFIC_SECRET_0')];
    const suits = this.#tls.getProtocol() === 'TLSv1.3' && this.#tls.getCipher().name === CIPHER;
    return suits && receive !== undefined && send !== undefined ? { receive, send } : null;
  }

  #fail(): void {
    if (this.#over) return;
    this.#end();
    const { raw } = this.#options;
    for (const bytes of this.#held) raw.write(bytes);
    raw.destroySoon();
    this.#tls.destroy();
  }

  #end(): void {
    this.#over = true;
    this.#cancelTimeout();
    this.#options.raw.off('data', this.#onData).off('end', this.#onGone).off('close', this.#onGone);
  }
}
