/**
 * A client that can also say what no client should: it shows every answer and builds blocks by hand, over TLS and HTTP/2 of
 * Node's own. For what well-behaved clients do, see `@polyplex/client`.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { concatBytes, EMPTY_BYTES } from '@polyplex/base';
import { pad } from '@polyplex/codec';
import { agree, boxKeyOf, decodeSignedKey, type PrivateKey, type PublicKey } from '@polyplex/crypto';
import { authorize, BLOCK_SIZE_BYTES, handshakeBlock, openHandshakeBlock } from '@polyplex/protocol-common';
import {
  clientHandshake, clientHello, encodeCommand, encodeRequestBlock, readBareError, readBlock, readReply, serverHello, signedPart,
  type XftpCommand, xftpErrorText, type XftpReply, type XftpServerHello,
} from '@polyplex/protocol-xftp';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface Received {
  readonly reply: XftpReply;
  readonly sessionId: Uint8Array;
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  /** What follows the block. */
  readonly rest: Uint8Array;
}

export interface ConnectOptions {
  readonly port: number;
  readonly fingerprint: Uint8Array;
  /** Default `xftp/1`; null: no ALPN. */
  readonly alpn?: string | null;
  /** Sends SNI, as browsers do. */
  readonly web?: boolean;
  /** Default 3; null: no handshake is made. */
  readonly version?: number | null;
  readonly tls?: ConnectionOptions;
}

export interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Sent {
  readonly entityId?: Uint8Array;
  readonly key?: PrivateKey;
  readonly corrId?: Uint8Array;
  readonly sessionId?: Uint8Array;
  /** In place of what the key gives. */
  readonly auth?: Uint8Array;
  /** What follows the block. */
  readonly body?: Uint8Array;
}

/** A reply in one line. */
export function said(reply: XftpReply): string {
  return reply.tag === 'ERR' ? `ERR ${xftpErrorText(reply.error)}` : reply.tag;
}

export class RawClient {
  readonly session: ClientHttp2Session;
  readonly socket: TLSSocket;
  readonly sessionId: Uint8Array;
  readonly web: boolean;
  readonly #fingerprint: Uint8Array;
  hello: XftpServerHello | null = null;

  private constructor(socket: TLSSocket, { web = false, fingerprint }: ConnectOptions) {
    this.socket = socket;
    this.web = web;
    this.#fingerprint = fingerprint;
    this.sessionId = new Uint8Array(socket.getFinished()!);
    this.session = connectHttp2('https://localhost', { createConnection: () => socket, settings: { initialWindowSize: 1 << 20 } });
    this.session.on('error', () => undefined);
  }

  /** Connects and, unless told otherwise, makes the handshake that its kind of client makes. */
  static async connect(options: ConnectOptions): Promise<RawClient> {
    const { port, web = false, alpn = web ? 'h2' : 'xftp/1', version = 3 } = options;
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      servername: web ? 'localhost' : '',
      ecdhCurve: 'X25519',
      ...(alpn === null ? {} : { ALPNProtocols: [alpn] }),
      ...options.tls,
    });
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.once('secureConnect', resolve);
    });
    const client = new RawClient(socket, options);
    if (version !== null && alpn !== null) await client.handshake(version);
    return client;
  }

  async handshake(version = 3): Promise<void> {
    await this.greet(this.web ? new Uint8Array(32).fill(7) : null);
    const answer = await this.post(handshakeBlock(clientHandshake, { version, keyHash: this.#fingerprint }), this.#header('xftp-handshake'));
    if (answer.body.length !== 0) throw new Error(`handshake refused: ${bareErrorOf(answer)}`);
  }

  /** The server's hello to this challenge; null sends an empty body. */
  async greet(challenge: Uint8Array | null): Promise<XftpServerHello> {
    const body = challenge === null ? EMPTY_BYTES : handshakeBlock(clientHello, { challenge });
    const answer = await this.post(body, this.#header('xftp-web-hello'));
    const hello = openHandshakeBlock(serverHello, new Uint8Array(answer.body));
    if (answer.body.length !== BLOCK_SIZE_BYTES || hello === null) throw new Error(`no hello: ${bareErrorOf(answer)}`);
    this.hello = hello;
    return hello;
  }

  /** Begins a request; the caller writes, reads and ends. */
  open({ method = 'POST', path = '/', headers = {} }: Request = {}): ClientHttp2Stream {
    const stream = this.session.request({ ...headers, ':method': method, ':path': path }, { endStream: false });
    stream.on('error', () => undefined);
    return stream;
  }

  async ask(request: Request, body: Uint8Array = EMPTY_BYTES): Promise<Answer> {
    const stream = this.open(request);
    const answer = answerOf(stream);
    stream.end(body);
    return answer;
  }

  post(body: Uint8Array, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask({ headers }, body);
  }

  /** The block of a command, authorised by `key`. */
  block(command: XftpCommand, { entityId = EMPTY_BYTES, key, corrId = EMPTY_BYTES, sessionId = this.sessionId, auth }: Sent = {}): Uint8Array {
    const head = { sessionId, corrId, entityId, command: encodeCommand(command) };
    return encodeRequestBlock({ ...head, auth: auth ?? (key === undefined ? EMPTY_BYTES : this.authorize(key, corrId, signedPart(head))) });
  }

  authorize(key: PrivateKey, corrId: Uint8Array, signed: Uint8Array): Uint8Array {
    if (key.kind !== 'x25519') return authorize(key as PrivateKey<'ed25519' | 'ed448'>, corrId, signed);
    const secret = agree(key, this.#serverKey());
    return authorize(boxKeyOf(secret!), corrId, signed);
  }

  async send(command: XftpCommand, sent: Sent = {}): Promise<Received> {
    return received(await this.post(concatBytes(this.block(command, sent), sent.body ?? EMPTY_BYTES)));
  }

  /** A command in bytes that need not be well-formed, authorised by `key`. */
  async sendBytes(command: Uint8Array, { entityId = EMPTY_BYTES, key, auth = EMPTY_BYTES }: Sent = {}): Promise<Received> {
    const head = { sessionId: this.sessionId, corrId: EMPTY_BYTES, entityId, command };
    return received(await this.post(encodeRequestBlock({ ...head, auth: key === undefined ? auth : this.authorize(key, EMPTY_BYTES, signedPart(head)) })));
  }

  /** A whole content of a block, padded. */
  async sendContent(content: Uint8Array): Promise<Received> {
    return received(await this.post(pad(content, BLOCK_SIZE_BYTES)));
  }

  close(): void {
    this.session.destroy();
    this.socket.destroy();
  }

  #serverKey(): PublicKey<'x25519'> {
    return decodeSignedKey(this.hello!.key.signedKey)!.key as PublicKey<'x25519'>;
  }

  #header(name: string): Readonly<Record<string, string>> {
    return this.web ? { [name]: '1' } : {};
  }
}

export async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  const head = new Promise<Omit<Answer, 'body'>>((resolve, reject) => {
    stream.once('response', ({ ':status': status = 0, ...headers }) => resolve({ status, headers }));
    stream.once('close', () => reject(new Error(`stream closed with code ${stream.rstCode}`)));
  });
  const { status, headers } = await head;
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return { status, headers, body: Buffer.concat(pieces) };
}

/** Throws when the answer is no transmission. */
export function received(answer: Pick<Answer, 'body'>): Received {
  const body = new Uint8Array(answer.body);
  const transmission = readBlock(body.subarray(0, BLOCK_SIZE_BYTES));
  if (transmission === null) throw new Error(`no transmission: ${bareErrorOf(answer)}`);
  const reply = readReply(transmission.command);
  if (reply === null) throw new Error('no reply');
  const { sessionId, corrId, entityId } = transmission;
  return { reply, sessionId, corrId, entityId, rest: body.subarray(BLOCK_SIZE_BYTES) };
}

export function bareErrorOf({ body }: Pick<Answer, 'body'>): string {
  return (body.length === BLOCK_SIZE_BYTES ? readBareError(body) : null) ?? `${body.length} bytes`;
}

/** A block with this content, which says that it has `length` bytes. */
export function padded(content: Uint8Array, length = content.length): Uint8Array {
  const block = new Uint8Array(BLOCK_SIZE_BYTES).fill(0x23);
  block.set([length >> 8, length & 255]);
  block.set(content, 2);
  return block;
}
