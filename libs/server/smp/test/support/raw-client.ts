/**
 * A client that can also say what no client should: it shows every block and builds transmissions by hand. For what
 * well-behaved clients do, see `@polyplex/client`.
 */
import { concatBytes, EMPTY_BYTES } from '@polyplex/base';
import { pad } from '@polyplex/codec';
import {
  advanceChain, agree, BOX_TAG_BYTES, decodeSignedKey, encodeSignedKey, fingerprintOf, generateKeyPair, initialChainKeys, type PrivateKey,
  type PublicKey, randomBytes, sealBox, sign,
} from '@polyplex/crypto';
import {
  authenticatorKey, authorize, authorizedBytes, BLOCK_SIZE_BYTES, type BlockCipher, type BlockConnection, clientHello, encodeBatch, encryptedBlocks, handshakeBlock, openHandshakeBlock, plainBlocks,
  readBatch, readTransmission, serverHello, type ServerHello, serviceResponse, SESSION_KEY_VERSION, signedPart, splitBatches, writeTransmission,
} from '@polyplex/protocol-common';
import { BLOCK_ENCRYPTION_VERSION, encodeCommand, readReply, type SmpCommand, smpErrorText, type SmpReply } from '@polyplex/protocol-smp';
import { type Credentials, dialTls, type DialTlsOptions } from '@polyplex/transport-tls';

export interface Received {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly reply: SmpReply;
}

export interface RawClientOptions {
  readonly port: number;
  readonly fingerprint: Uint8Array;
  readonly version?: number;
  readonly alpn?: readonly string[] | null;
  /** Default: blocks over TLS. */
  readonly dial?: (options: DialTlsOptions) => Promise<BlockConnection>;
  /** A service's credentials and role. */
  readonly service?: { readonly credentials: Credentials; readonly role: 'M' | 'N' | 'P' };
}

const WAIT_MS = 10_000;

/** Seals any content, where `BlockCipher` seals only batches. */
function sealer(sessionId: Uint8Array, secret: Uint8Array | null): (content: Uint8Array) => Uint8Array {
  if (secret === null) return (content) => pad(content, BLOCK_SIZE_BYTES);
  let chainKey = initialChainKeys(sessionId, secret).second;
  return (content) => {
    const step = advanceChain(chainKey);
    chainKey = step.chainKey;
    return sealBox(step.boxKey, step.nonce, pad(content, BLOCK_SIZE_BYTES - BOX_TAG_BYTES));
  };
}

/** Blocks in order of arrival; `next` rejects when the connection closes or nothing comes. */
class Inbox<T> {
  private readonly items: T[] = [];
  private waiting: { resolve: (item: T) => void; reject: (error: Error) => void } | null = null;
  private failed: Error | null = null;

  push(item: T): void {
    const waiting = this.waiting;
    this.waiting = null;
    if (waiting === null) this.items.push(item);
    else waiting.resolve(item);
  }

  fail(error: Error): void {
    this.failed = error;
    this.waiting?.reject(error);
  }

  next(waitMs = WAIT_MS): Promise<T> {
    const item = this.items.shift();
    if (item !== undefined) return Promise.resolve(item);
    if (this.failed !== null) return Promise.reject(this.failed);
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting = null;
        reject(new Error('nothing arrived'));
      }, waitMs);
      this.waiting = {
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
    });
  }
}

interface Parts extends Pick<RawClient, 'closed' | 'version' | 'connection' | 'hello' | 'serverKey' | 'secret' | 'serviceId'> {
  readonly cipher: BlockCipher;
  readonly seal: (content: Uint8Array) => Uint8Array;
  readonly blocks: Inbox<Uint8Array>;
  readonly service: { readonly fingerprint: Uint8Array; readonly key: PrivateKey<'ed25519'> } | null;
}

export class RawClient {
  readonly closed: Promise<string>;
  readonly version: number;
  readonly connection: BlockConnection;
  readonly hello: ServerHello;
  readonly serverKey: PublicKey<'x25519'> | null;
  /** Agreed with the server's session key; null below version 7. */
  readonly secret: Uint8Array | null;
  /** What the service handshake answered. */
  readonly serviceId: Uint8Array | null;
  private readonly cipher: BlockCipher;
  private readonly blocks: Inbox<Uint8Array>;
  private readonly received: Received[] = [];
  private readonly service: { readonly fingerprint: Uint8Array; readonly key: PrivateKey<'ed25519'> } | null;

  private readonly seal: (content: Uint8Array) => Uint8Array;

  private constructor(parts: Parts) {
    this.closed = parts.closed;
    this.version = parts.version;
    this.connection = parts.connection;
    this.hello = parts.hello;
    this.serverKey = parts.serverKey;
    this.secret = parts.secret;
    this.serviceId = parts.serviceId;
    this.cipher = parts.cipher;
    this.seal = parts.seal;
    this.blocks = parts.blocks;
    this.service = parts.service;
  }

  static async connect({ port, fingerprint, version = 18, alpn, dial = dialTls, service }: RawClientOptions): Promise<RawClient> {
    const connection = await dial({
      host: '127.0.0.1', port, fingerprint, allowAddress: () => true,
      ...(alpn === undefined ? {} : { alpn }), ...(service === undefined ? {} : { credentials: service.credentials }),
    });
    const blocks = new Inbox<Uint8Array>();
    const closed = new Promise<string>((resolve) => {
      connection.start({
        block: (block) => blocks.push(block),
        drained: () => undefined,
        closed: (reason) => {
          blocks.fail(new Error(`closed: ${reason}`));
          resolve(reason);
        },
      });
    });
    const hello = openHandshakeBlock(serverHello, await blocks.next())!;
    const serverKey = hello.key === null ? null : (decodeSignedKey(hello.key.signedKey)!.key as PublicKey<'x25519'>);
    const keys = generateKeyPair('x25519');
    const serviceKeys = generateKeyPair('ed25519');
    const signed = service && encodeSignedKey(serviceKeys.publicKey, service.credentials.privateKey);
    connection.write(
      handshakeBlock(clientHello, {
        version, keyHash: fingerprint, key: keys.publicKey, proxyServer: false,
        service: service && signed ? { role: service.role, chain: service.credentials.chain, signedKey: signed } : null,
      }),
    );
    const answer = service === undefined ? null : openHandshakeBlock(serviceResponse, await blocks.next());
    if (answer?.type === 'E') throw new Error(String.fromCharCode(...answer.error));
    const secret = serverKey === null || version < SESSION_KEY_VERSION ? null : agree(keys.privateKey, serverKey)!;
    const blockSecret = version >= BLOCK_ENCRYPTION_VERSION ? secret : null;
    const cipher = blockSecret === null ? plainBlocks : encryptedBlocks('client', connection.sessionId, blockSecret);
    const seal = sealer(connection.sessionId, blockSecret);
    return new RawClient({
      closed, version, connection, hello, serverKey, secret, cipher, seal, blocks,
      serviceId: answer === null ? null : Uint8Array.from(answer.serviceId),
      service: service === undefined ? null : { fingerprint: fingerprintOf(service.credentials.chain)!, key: serviceKeys.privateKey },
    });
  }

  /** A transmission as a client would send it; `withService` adds the service's signature. */
  transmission(command: SmpCommand, entityId: Uint8Array = EMPTY_BYTES, key: PrivateKey | null = null, corrId: Uint8Array = randomBytes(24), withService = false): Uint8Array {
    const signed = signedPart(corrId, entityId, encodeCommand(command, this.version));
    return this.wrap(signed, corrId, key, withService);
  }

  wrap(signed: Uint8Array, corrId: Uint8Array, key: PrivateKey | null, withService = false): Uint8Array {
    const { sessionId } = this.connection;
    const authorized = authorizedBytes(sessionId, signed);
    const service = withService ? this.service : null;
    const byQueue = service === null ? authorized : concatBytes(service.fingerprint, authorized);
    const auth = key === null ? EMPTY_BYTES : authorize(this.authorizing(key), corrId, byQueue);
    return writeTransmission({ auth, serviceSignature: service && sign(service.key, authorized), sessionId, signed }, this.version);
  }

  private authorizing(key: PrivateKey): Parameters<typeof authorize>[0] {
    if (key.kind !== 'x25519') return key as PrivateKey<'ed25519'>;
    return authenticatorKey(key as PrivateKey<'x25519'>, this.serverKey!)!;
  }

  /** Authorises with the service's session key alone (SUBS, NSUBS). */
  serviceTransmission(command: SmpCommand, entityId: Uint8Array): Uint8Array {
    const corrId = randomBytes(24);
    return this.wrap(signedPart(corrId, entityId, encodeCommand(command, this.version)), corrId, this.service!.key);
  }

  send(...transmissions: readonly Uint8Array[]): void {
    for (const batch of splitBatches(transmissions)) this.connection.write(this.seal(encodeBatch(batch)));
  }

  /** Seals any content as a block. */
  sendItems(items: readonly Uint8Array[]): void {
    this.connection.write(this.seal(encodeBatch(items)));
  }

  /** Any content, well-formed batch or not, padded and sealed as a block. */
  sendContent(content: Uint8Array): void {
    this.connection.write(this.seal(content));
  }

  /** A block that does not decrypt; the chain advances on both sides. */
  sendGarbage(): void {
    const block = this.seal(EMPTY_BYTES);
    block[100]! ^= 1;
    this.connection.write(block);
  }

  /** The next transmission from the server, event or reply. */
  async next(waitMs?: number): Promise<Received> {
    while (this.received.length === 0) this.received.push(...this.open(await this.blocks.next(waitMs)));
    return this.received.shift()!;
  }

  /** All transmissions of the next block. */
  async nextBlock(): Promise<readonly Received[]> {
    return this.open(await this.blocks.next());
  }

  private open(block: Uint8Array): Received[] {
    const content = this.cipher.open(block);
    const items = content === null ? null : readBatch(content);
    if (items === null) throw new Error('the server sent a malformed block');
    return items.map((item) => {
      const transmission = readTransmission(item, this.version);
      const reply = transmission && readReply(transmission.command, this.version);
      if (!transmission || !reply) throw new Error('the server sent a malformed transmission');
      return { corrId: transmission.corrId, entityId: transmission.entityId, reply };
    });
  }

  /** Sends one command and answers with the next thing that the server says. */
  async ask(command: SmpCommand, entityId?: Uint8Array, key?: PrivateKey, withService = false): Promise<SmpReply> {
    this.send(this.transmission(command, entityId, key, randomBytes(24), withService));
    return (await this.next()).reply;
  }

  close(): void {
    this.connection.destroy('local');
  }
}

/** `OK`, `ERR AUTH`, `MSG` …: what a reply is, for comparing. */
export function said(reply: SmpReply): string {
  return reply.tag === 'ERR' ? `ERR ${smpErrorText(reply.error)}` : reply.tag;
}
