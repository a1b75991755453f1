/** What a ClientHello offers (RFC 8446 §4.1.2), as far as it decides who does the records of its connection. */

/** `more`: the first record is not whole yet. `other`: not a ClientHello in one record. */
export type ClientHelloState = 'more' | 'other' | ClientHelloFacts;

export interface ClientHelloFacts {
  /** TLS 1.3 is among its versions. */
  readonly tls13: boolean;
  /** TLS_CHACHA20_POLY1305_SHA256 is among its cipher suites. */
  readonly chacha: boolean;
  /** It names a server (SNI). */
  readonly named: boolean;
  /** It asks for something that changes the records: shorter ones, or data before the handshake is over. */
  readonly unusual: boolean;
}

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER_BYTES = 5;
const MAX_RECORD_BYTES = 16_384;
const TLS13 = 0x0304;
const CHACHA20_POLY1305 = 0x1303;
const EXTENSION = { serverName: 0, supportedVersions: 43 } as const;
/** max_fragment_length, record_size_limit, early_data. */
const UNUSUAL_EXTENSIONS: readonly number[] = [1, 28, 42];

export function readClientHello(bytes: Uint8Array): ClientHelloState {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return 'other';
  if (bytes.length < RECORD_HEADER_BYTES) return 'more';
  const length = (bytes[3]! << 8) | bytes[4]!;
  if (bytes[1] !== 3 || length === 0 || length > MAX_RECORD_BYTES) return 'other';
  if (bytes.length < RECORD_HEADER_BYTES + length) return 'more';
  return readRecord(new Reader(bytes.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length)));
}

function readRecord(record: Reader): ClientHelloState {
  const facts = record.number(1) === CLIENT_HELLO ? readBody(record) : null;
  return facts === null || record.failed ? 'other' : facts;
}

function readBody(record: Reader): ClientHelloFacts {
  const body = new Reader(record.vector(3));
  body.skip(2 + 32); // legacy version, random
  body.vector(1); // legacy session id
  const suites = numbersOf(body.vector(2));
  body.vector(1); // compression
  const extensions = new Reader(body.vector(2));
  let [tls13, named, unusual] = [false, false, false];
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const value = extensions.vector(2);
    if (type === EXTENSION.supportedVersions) tls13 = numbersOf(new Reader(value).vector(1)).includes(TLS13);
    named ||= type === EXTENSION.serverName;
    unusual ||= UNUSUAL_EXTENSIONS.includes(type);
  }
  if (body.failed || extensions.failed || body.left + record.left > 0) record.fail();
  return { tls13, chacha: suites.includes(CHACHA20_POLY1305), named, unusual };
}

function numbersOf(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length >> 1 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
}

/** Reads forward; what is not there reads as nothing and is a failure. */
class Reader {
  failed = false;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  fail(): void {
    this.failed = true;
    this.#at = this.#bytes.length;
  }

  skip(length: number): void {
    this.#take(length);
  }

  number(size: number): number {
    return this.#take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** What follows its own length, a number of `size` bytes. */
  vector(size: number): Uint8Array {
    return this.#take(this.number(size));
  }

  #take(length: number): Uint8Array {
    if (length > this.left) {
      this.fail();
      return new Uint8Array(0);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
