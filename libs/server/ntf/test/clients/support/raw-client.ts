/**
 * A client that can also say what no client should: it shows every block and builds transmissions by hand. For what
 * well-behaved clients do, see `@polyplex/client`.
 */
import { EMPTY_BYTES } from '@polyplex/base';
import { pad } from '@polyplex/codec';
import { decodeSignedKey, type PrivateKey, type PublicKey, randomBytes } from '@polyplex/crypto';
import { authenticatorKey, authorize, authorizedBytes, type BlockConnection, encodeBatch, openHandshakeBlock, signedPart } from '@polyplex/protocol-common';
import {
  encodeCommand, NTF_BLOCK_BYTES, ntfBatching, ntfBlocks, ntfClientHello, type NtfCommand, ntfErrorText, ntfHandshakeBlock, type NtfReply, ntfServerHello, type NtfServerHello,
  readNtfTransmission, readReply, writeNtfTransmission,
} from '@polyplex/protocol-ntf';
import { dialTls, type DialTlsOptions } from '@polyplex/transport-tls';
import { inboxOf, type Inbox } from './inbox.ts';

export interface Received {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly reply: NtfReply;
}

export interface RawClientOptions {
  readonly port: number;
  readonly fingerprint: Uint8Array;
  /** Default 3. */
  readonly version?: number;
  readonly alpn?: readonly string[] | null;
  readonly dial?: (options: DialTlsOptions) => Promise<BlockConnection>;
}

export interface Sent {
  readonly entityId?: Uint8Array;
  readonly key?: PrivateKey;
  readonly corrId?: Uint8Array;
  /** Instead of an authorisation by `key`. */
  readonly auth?: Uint8Array;
  readonly sessionId?: Uint8Array;
}

export async function dialProxy({ port, fingerprint, alpn = ['ntf/1'], dial = dialTls }: RawClientOptions): Promise<{ connection: BlockConnection; blocks: Inbox<Uint8Array>; closed: Promise<string> }> {
  const connection = await dial({ host: '127.0.0.1', port, fingerprint, alpn, blockBytes: NTF_BLOCK_BYTES, allowAddress: () => true });
  return { connection, ...inboxOf(connection) };
}

export class RawClient {
  readonly version: number;
  readonly connection: BlockConnection;
  readonly hello: NtfServerHello;
  readonly closed: Promise<string>;
  private readonly blocks: Inbox<Uint8Array>;
  private readonly received: Received[] = [];

  private constructor(parts: Pick<RawClient, 'version' | 'connection' | 'hello' | 'closed'> & { readonly blocks: Inbox<Uint8Array> }) {
    this.version = parts.version;
    this.connection = parts.connection;
    this.hello = parts.hello;
    this.closed = parts.closed;
    this.blocks = parts.blocks;
  }

  static async connect(options: RawClientOptions): Promise<RawClient> {
    return RawClient.over(await dialProxy(options), options.fingerprint, options.version);
  }

  static async over(
    { connection, blocks, closed }: Awaited<ReturnType<typeof dialProxy>>, keyHash: Uint8Array, version = 3,
  ): Promise<RawClient> {
    const hello = openHandshakeBlock(ntfServerHello, await blocks.next())!;
    connection.write(ntfHandshakeBlock(ntfClientHello, { version, keyHash }));
    return new RawClient({ version, connection, hello, closed, blocks });
  }

  get serverKey(): PublicKey<'x25519'> | null {
    return this.hello.signedKey === null ? null : (decodeSignedKey(this.hello.signedKey)!.key as PublicKey<'x25519'>);
  }

  transmission(command: NtfCommand | Uint8Array, { entityId = EMPTY_BYTES, key, corrId = randomBytes(24), auth, sessionId = this.connection.sessionId }: Sent = {}): Uint8Array {
    const signed = signedPart(corrId, entityId, command instanceof Uint8Array ? command : encodeCommand(command));
    const made = key === undefined ? EMPTY_BYTES : authorize(this.authorizing(key), corrId, authorizedBytes(this.connection.sessionId, signed));
    return writeNtfTransmission({ auth: auth ?? made, sessionId, signed }, this.version);
  }

  private authorizing(key: PrivateKey): Parameters<typeof authorize>[0] {
    return key.kind === 'x25519' ? authenticatorKey(key as PrivateKey<'x25519'>, this.serverKey!)! : (key as PrivateKey<'ed25519'>);
  }

  /** In as few blocks as fit. */
  send(...transmissions: readonly Uint8Array[]): void {
    for (const batch of ntfBatching(this.version).split(transmissions)) this.connection.write(ntfBlocks(this.version).seal(batch));
  }

  /** Any content, padded as a block. */
  sendContent(content: Uint8Array): void {
    this.connection.write(pad(content, NTF_BLOCK_BYTES));
  }

  sendBatch(items: readonly Uint8Array[]): void {
    this.sendContent(encodeBatch(items));
  }

  /** The next transmission from the server. */
  async next(): Promise<Received> {
    while (this.received.length === 0) this.received.push(...(await this.nextBlock()));
    return this.received.shift()!;
  }

  /** All transmissions of the next block. */
  async nextBlock(): Promise<readonly Received[]> {
    const content = ntfBlocks(this.version).open(await this.blocks.next());
    const items = content === null ? null : ntfBatching(this.version).read(content);
    if (items === null) throw new Error('the server sent a malformed block');
    return items.map((item) => {
      const transmission = readNtfTransmission(item, this.version);
      const reply = transmission && readReply(transmission.command, this.version);
      if (!transmission || !reply || transmission.auth.length > 0) throw new Error('the server sent a malformed transmission');
      return { corrId: transmission.corrId, entityId: transmission.entityId, reply };
    });
  }

  /** Sends one command and answers with the next thing that the server says. */
  async ask(command: NtfCommand | Uint8Array, sent: Sent = {}): Promise<NtfReply> {
    return (await this.askAll(command, sent)).reply;
  }

  async askAll(command: NtfCommand | Uint8Array, sent: Sent = {}): Promise<Received> {
    this.send(this.transmission(command, sent));
    return this.next();
  }

  close(): void {
    this.connection.destroy('local');
  }
}

/** `OK`, `ERR AUTH`, `TKN ACTIVE` …: what a reply is, for comparing. */
export function said(reply: NtfReply): string {
  if (reply.tag === 'ERR') return `ERR ${ntfErrorText(reply.error)}`;
  return 'status' in reply ? `${reply.tag} ${reply.status}` : reply.tag;
}
