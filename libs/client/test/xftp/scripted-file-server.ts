/**
 * A file server played by the test over real HTTP/2 and TLS: it keeps chunks in memory, writes down what it is asked, and
 * does what it is told where a real one would behave.
 */
import { concatBytes, EMPTY_BYTES, equalBytes, toBase64Url } from '@polyplex/base';
import {
  agree, boxKeyOf, createBoxSealer, encodeSignedKey, fingerprintOf, generateKeyPair, type KeyPair, type PublicKey, randomBytes, sha256,
} from '@polyplex/crypto';
import {
  type AddressText, authenticatorKey, type AuthKey, type HttpConnection, type HttpRequest, openHandshakeBlock, parseAddress, formatAddress,
  verifyAuthenticator, verifySignature,
} from '@polyplex/protocol-common';
import {
  bareErrorBlock, clientHandshake, encodeReplyBlock, errorReply, OK, readBlock, readCommand, serverHello, XFTP_VERSIONS, type XftpCommand, type XftpError,
  type XftpReply, type XftpServerHello, type XftpTransmission,
} from '@polyplex/protocol-xftp';
import { handshakeBlock } from '@polyplex/protocol-common';
import { type Http2Listener, listenHttp2 } from '@polyplex/transport-http2';
import { type Credentials, issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';

const BLOCK_BYTES = 16_384;
const ID_BYTES = 16;

export interface StoredChunk {
  readonly senderKey: AuthKey;
  readonly size: number;
  readonly digest: Uint8Array;
  readonly recipients: Map<string, AuthKey>;
  body: Uint8Array | null;
}

export interface Asked {
  readonly tag: XftpCommand['tag'];
  readonly entityId: string;
  /** How many of this command came before it. */
  readonly earlier: number;
}

/** `hangUp`: the connection goes before anything is done, `hangUpAfter`: before the answer; `silence`: no answer comes. */
type Behaviour = XftpError | 'hangUp' | 'hangUpAfter' | 'silence' | null;

export interface FileServerScript {
  hello?: (hello: XftpServerHello) => XftpServerHello;
  /** What the answer to the client's handshake is; default nothing. */
  handshakeAnswer?: Uint8Array;
  /** Null: as a real server does. */
  behaviour?: (asked: Asked) => Behaviour;
  /** Changes a body that is downloaded, before it is encrypted for it, and after. */
  plain?: (body: Uint8Array) => Uint8Array;
  cipher?: (sealed: Uint8Array) => Uint8Array;
  /** Needed for new chunks. */
  password?: string;
}

export function newCredentials(): Credentials {
  const ca = issueCa({ algorithm: 'ed25519' });
  const leaf = issueServerCertificate({ ca, commonName: 'files.example', algorithm: 'ed25519' });
  const isChain = leaf.certificate.split('BEGIN').length > 2;
  return readCredentials({ certificatePem: isChain ? leaf.certificate : leaf.certificate + ca.certificate, keyPem: leaf.key });
}

export class ScriptedFileServer {
  readonly script: FileServerScript;
  readonly chunks = new Map<string, StoredChunk>();
  readonly asked: Asked[] = [];
  connections = 0;
  private readonly credentials: Credentials;
  private listener: Http2Listener | null = null;
  private port = 0;

  constructor(script: FileServerScript = {}, credentials = newCredentials()) {
    this.script = script;
    this.credentials = credentials;
  }

  static async start(script: FileServerScript = {}, credentials?: Credentials): Promise<ScriptedFileServer> {
    const server = new ScriptedFileServer(script, credentials);
    await server.start();
    return server;
  }

  /** On the port that it had before, if any. */
  async start(): Promise<void> {
    this.listener = await listenHttp2({
      endpoints: [{ host: '127.0.0.1', port: this.port }],
      credentials: { xftp: this.credentials },
      onConnection: (connection) => this.serve(connection),
    });
    this.port = this.listener.endpoints[0]!.port;
  }

  async stop(): Promise<void> {
    const { listener } = this;
    this.listener = null;
    for (const connection of listener?.connections ?? []) connection.destroy('local');
    await listener?.close();
  }

  get address(): AddressText {
    const address = { hosts: ['127.0.0.1'], port: String(this.port), keyHash: fingerprintOf(this.credentials.chain)! };
    return parseAddress(formatAddress(address, 'xftp', this.script.password ?? null))!;
  }

  count(tag: XftpCommand['tag']): number {
    return this.asked.filter((asked) => asked.tag === tag).length;
  }

  private serve(connection: HttpConnection): void {
    this.connections++;
    const session = new Session(this, connection, this.credentials);
    connection.start({ request: (request) => session.request(request), closed: () => undefined });
  }

  /** The chunk that an id names, as its sender or a recipient. */
  find(id: string): { readonly chunk: StoredChunk; readonly key: AuthKey; readonly isSender: boolean } | null {
    const own = this.chunks.get(id);
    if (own !== undefined) return { chunk: own, key: own.senderKey, isSender: true };
    for (const chunk of this.chunks.values()) {
      const key = chunk.recipients.get(id);
      if (key !== undefined) return { chunk, key, isSender: false };
    }
    return null;
  }
}

type State = 'new' | 'greeted' | 'ready';

class Session {
  private readonly server: ScriptedFileServer;
  private readonly connection: HttpConnection;
  private readonly credentials: Credentials;
  private readonly keys: KeyPair<'x25519'> = generateKeyPair('x25519');
  private state: State;
  private version = 1;

  constructor(server: ScriptedFileServer, connection: HttpConnection, credentials: Credentials) {
    this.server = server;
    this.connection = connection;
    this.credentials = credentials;
    this.state = connection.alpn === null ? 'ready' : 'new';
  }

  async request(request: HttpRequest): Promise<void> {
    if (this.state === 'new') return this.greet(request);
    if (this.state === 'greeted') return this.agree(request);
    return this.command(request);
  }

  private async greet(request: HttpRequest): Promise<void> {
    this.state = 'greeted';
    const { hello = (same: XftpServerHello) => same } = this.server.script;
    const key = { chain: this.credentials.chain, signedKey: encodeSignedKey(this.keys.publicKey, this.credentials.privateKey) };
    await answer(request, handshakeBlock(serverHello, hello({ versions: XFTP_VERSIONS, sessionId: this.connection.sessionId, key, proof: EMPTY_BYTES })));
  }

  private async agree(request: HttpRequest): Promise<void> {
    const handshake = openHandshakeBlock(clientHandshake, await bodyOf(request));
    if (handshake === null || !equalBytes(handshake.keyHash, fingerprintOf(this.credentials.chain)!)) return answer(request, bareErrorBlock('HANDSHAKE'));
    this.version = handshake.version;
    this.state = 'ready';
    return answer(request, this.server.script.handshakeAnswer ?? EMPTY_BYTES);
  }

  private async command(request: HttpRequest): Promise<void> {
    const body = await bodyOf(request);
    const transmission = readBlock(body.subarray(0, BLOCK_BYTES));
    const command = transmission === null ? 'UNKNOWN' : readCommand(transmission.command);
    if (transmission === null || typeof command === 'string') throw new Error('the client sent no command');
    const entityId = toBase64Url(transmission.entityId);
    const asked = { tag: command.tag, entityId, earlier: this.server.count(command.tag) };
    this.server.asked.push(asked);
    const behaviour = this.server.script.behaviour?.(asked) ?? null;
    if (behaviour === 'hangUp') return this.connection.destroy('local');
    if (behaviour === 'silence') return new Promise(() => undefined);
    if (behaviour === 'hangUpAfter') {
      this.handle(command, transmission, body.subarray(BLOCK_BYTES));
      return this.connection.destroy('local');
    }
    const { reply, chunk = EMPTY_BYTES } = behaviour === null ? this.handle(command, transmission, body.subarray(BLOCK_BYTES)) : { reply: errorReply(behaviour) };
    const { sessionId, corrId } = transmission;
    const isWithoutEntity = reply.tag === 'SIDS' || reply.tag === 'PONG';
    const block = encodeReplyBlock({ sessionId, corrId, entityId: isWithoutEntity ? EMPTY_BYTES : transmission.entityId, reply }, this.version);
    return answer(request, concatBytes(block, chunk));
  }

  private handle(command: XftpCommand, transmission: XftpTransmission, body: Uint8Array): { reply: XftpReply; chunk?: Uint8Array } {
    if (command.tag === 'PING') return { reply: { tag: 'PONG' } };
    if (command.tag === 'FNEW') return { reply: this.create(command, transmission) };
    const found = this.server.find(toBase64Url(transmission.entityId));
    if (found === null || !this.isAuthorized(found.key, transmission)) return { reply: errorReply({ type: 'AUTH' }) };
    const { chunk, isSender } = found;
    const bySender = command.tag === 'FADD' || command.tag === 'FPUT' || command.tag === 'FDEL';
    if (bySender !== isSender) return { reply: errorReply({ type: 'AUTH' }) };
    switch (command.tag) {
      case 'FADD':
        return { reply: { tag: 'RIDS', recipientIds: addRecipients(chunk, command.recipientKeys) } };
      case 'FPUT':
        return { reply: put(chunk, body) };
      case 'FGET':
        return this.get(chunk, command.dhKey);
      case 'FDEL':
        this.server.chunks.delete(toBase64Url(transmission.entityId));
        return { reply: OK };
      case 'FACK':
        chunk.recipients.delete(toBase64Url(transmission.entityId));
        return { reply: OK };
    }
  }

  private create(command: Extract<XftpCommand, { tag: 'FNEW' }>, transmission: XftpTransmission): XftpReply {
    const { password = null } = this.server.script;
    if (!this.isAuthorized(command.senderKey, transmission) || (password !== null && command.password !== password)) return errorReply({ type: 'AUTH' });
    const senderId = randomBytes(ID_BYTES);
    const chunk: StoredChunk = { senderKey: ownKey(command.senderKey), size: command.size, digest: Uint8Array.from(command.digest), recipients: new Map(), body: null };
    this.server.chunks.set(toBase64Url(senderId), chunk);
    return { tag: 'SIDS', senderId, recipientIds: addRecipients(chunk, command.recipientKeys) };
  }

  private isAuthorized(key: AuthKey, { auth, corrId, signed }: XftpTransmission): boolean {
    if (key.kind !== 'x25519') return verifySignature(key, signed, auth);
    return verifyAuthenticator(authenticatorKey(this.keys.privateKey, key as PublicKey<'x25519'>)!, corrId, auth, signed);
  }

  private get({ body }: StoredChunk, dhKey: PublicKey<'x25519'>): { reply: XftpReply; chunk?: Uint8Array } {
    if (body === null) return { reply: errorReply({ type: 'NO_FILE' }) };
    const { plain = (same: Uint8Array) => same, cipher = (same: Uint8Array) => same } = this.server.script;
    const own = generateKeyPair('x25519');
    const nonce = randomBytes(24);
    const sealer = createBoxSealer(boxKeyOf(agree(own.privateKey, dhKey)!), nonce);
    const sealed = sealer.update(Uint8Array.from(plain(body)));
    return { reply: { tag: 'FILE', dhKey: own.publicKey, nonce }, chunk: cipher(concatBytes(sealed, sealer.finish())) };
  }
}

function put(chunk: StoredChunk, body: Uint8Array): XftpReply {
  if (body.length !== chunk.size) return errorReply({ type: 'SIZE' });
  if (chunk.body !== null) return OK;
  if (!equalBytes(sha256(body), chunk.digest)) return errorReply({ type: 'DIGEST' });
  chunk.body = Uint8Array.from(body);
  return OK;
}

function addRecipients(chunk: StoredChunk, keys: readonly AuthKey[]): Uint8Array[] {
  return keys.map((key) => {
    const id = randomBytes(ID_BYTES);
    chunk.recipients.set(toBase64Url(id), ownKey(key));
    return id;
  });
}

function ownKey<K extends AuthKey>(key: K): K {
  return { ...key, raw: Uint8Array.from(key.raw) };
}

async function bodyOf(request: HttpRequest): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request.body) pieces.push(piece);
  return concatBytes(...pieces);
}

function answer(request: HttpRequest, body: Uint8Array): Promise<void> {
  return request.respond({ status: 200 }, body.length === 0 ? [] : [body]);
}
