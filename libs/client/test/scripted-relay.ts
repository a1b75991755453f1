/** A relay played by the test over connections in memory: it shakes hands truthfully, and then says what it is told to. */
import { EMPTY_BYTES } from '@polyplex/base';
import {
  agree, encodeSignedKey, fingerprintOf, generateKeyPair, type KeyPair, type PrivateKey, type PublicKey, randomBytes,
} from '@polyplex/crypto';
import {
  type BlockCipher, type BlockConnection, clientHello, type ClientHello, encryptedBlocks, handshakeBlock, openHandshakeBlock, plainBlocks, readBatch,
  readTransmission, serverHello, type ServerAddress, type ServerHello, serviceResponse, splitBatches, type Transmission, type VersionRange,
} from '@polyplex/protocol-common';
import { BLOCK_ENCRYPTION_VERSION, readCommand, replyTransmission, RELAY_VERSIONS, type SmpCommand, type SmpReply } from '@polyplex/protocol-smp';
import { connectionPair, type ConnectionPairOptions, type PairedConnection } from '@polyplex/testing';
import { type Credentials, issueCa, issueServerCertificate, issueServiceCertificate, readCredentials } from '@polyplex/transport-tls';
import { connectSmp, type ConnectSmpOptions, type Dial, type SmpClient } from '../src/index.ts';

export interface Asked extends Pick<Transmission, 'corrId' | 'entityId' | 'auth' | 'serviceSignature' | 'signed'> {
  readonly command: SmpCommand;
}

export interface RelayScript {
  readonly versions?: VersionRange;
  /** Changes the hello before it is sent. */
  readonly hello?: (hello: ServerHello) => ServerHello;
  /** Says nothing at all. */
  readonly silent?: boolean;
  /** Answer to a service; default its id. */
  readonly service?: { readonly error: string };
  /** The reply to each command; null for none. Default `OK`. */
  readonly answer?: (asked: Asked, session: RelaySession) => SmpReply | null;
}

const unchanged = (hello: ServerHello): ServerHello => hello;

export const SERVICE_ID = new Uint8Array(24).fill(0x5e);

function serverCredentials(): Credentials {
  const ca = issueCa({ algorithm: 'ed25519' });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
  return readCredentials({ certificatePem: leaf.certificate.split('BEGIN').length > 2 ? leaf.certificate : leaf.certificate + ca.certificate, keyPem: leaf.key });
}

export const relayCredentials = serverCredentials();
export const otherCredentials = serverCredentials();

export function serviceCredentials(): Credentials {
  const issued = issueServiceCertificate({ commonName: 'service', algorithm: 'ed25519' });
  return readCredentials({ certificatePem: issued.certificate, keyPem: issued.key, allowSelfSigned: true });
}

export const relayAddress: ServerAddress = { hosts: ['relay.example'], port: '', keyHash: fingerprintOf(relayCredentials.chain)! };

/** The relay's end of one connection. */
export class RelaySession {
  readonly connection: BlockConnection;
  readonly sessionKeys: KeyPair<'x25519'> = generateKeyPair('x25519');
  /** Commands so far, and how many came in each block. */
  readonly asked: Asked[] = [];
  readonly blockSizes: number[] = [];
  clientHello: ClientHello | null = null;
  private readonly script: RelayScript;
  private cipher: BlockCipher = plainBlocks;

  constructor(connection: BlockConnection, script: RelayScript) {
    this.connection = connection;
    this.script = script;
    connection.start({ block: (block) => this.onBlock(block), drained: () => undefined, closed: () => undefined });
    if (script.silent === true) return;
    const { versions = RELAY_VERSIONS, hello = unchanged } = script;
    const key = { chain: relayCredentials.chain, signedKey: signedKey(this.sessionKeys.publicKey) };
    connection.write(handshakeBlock(serverHello, hello({ versions, sessionId: connection.sessionId, key: versions.max < 7 ? null : key })));
  }

  get version(): number {
    return this.clientHello?.version ?? 0;
  }

  private onBlock(block: Uint8Array): void {
    if (this.clientHello === null) this.onHello(block);
    else this.onContent(block);
  }

  private onHello(block: Uint8Array): void {
    const hello = openHandshakeBlock(clientHello, block);
    if (hello === null) return this.connection.destroy('handshake');
    this.clientHello = { ...hello, keyHash: Uint8Array.from(hello.keyHash) };
    if (hello.service !== null) {
      const { service } = this.script;
      const response = service === undefined ? ({ type: 'R', serviceId: SERVICE_ID } as const) : ({ type: 'E', error: new TextEncoder().encode(service.error) } as const);
      this.connection.write(handshakeBlock(serviceResponse, response));
    }
    const encrypted = hello.key !== null && hello.version >= BLOCK_ENCRYPTION_VERSION && !hello.proxyServer;
    if (encrypted) this.cipher = encryptedBlocks('server', this.connection.sessionId, agree(this.sessionKeys.privateKey, hello.key)!);
  }

  private onContent(block: Uint8Array): void {
    const items = readBatch(this.cipher.open(block)!)!;
    this.blockSizes.push(items.length);
    const replies: Uint8Array[] = [];
    for (const item of items) {
      const { corrId, entityId, auth, serviceSignature, signed, command } = readTransmission(item, this.version)!;
      const read = readCommand(command, this.version);
      if (typeof read === 'string') throw new Error(`the client sent a command that is ${read}`);
      const asked: Asked = { corrId, entityId, auth, serviceSignature, signed, command: read };
      this.asked.push(asked);
      const answer = this.script.answer === undefined ? ({ tag: 'OK' } as const) : this.script.answer(asked, this);
      if (answer !== null) replies.push(this.encode(answer, corrId, entityFor(answer, entityId)));
    }
    for (const batch of splitBatches(replies)) this.connection.write(this.cipher.seal(batch));
  }

  encode(reply: SmpReply, corrId: Uint8Array, entityId: Uint8Array): Uint8Array {
    return replyTransmission(reply, { sessionId: this.connection.sessionId, corrId, entityId }, this.version);
  }

  /** Says something by itself; with a corrId, as a late answer. */
  say(reply: SmpReply, entityId: Uint8Array, corrId: Uint8Array = EMPTY_BYTES): void {
    this.sayRaw(this.encode(reply, corrId, entityId));
  }

  sayRaw(...items: readonly Uint8Array[]): void {
    this.connection.write(this.cipher.seal(items));
  }
}

/** Relays answer some commands without an entity (SMP §5.1). */
function entityFor(reply: SmpReply, entityId: Uint8Array): Uint8Array {
  return reply.tag === 'PONG' || reply.tag === 'PKEY' || reply.tag === 'RRES' || reply.tag === 'IDS' ? EMPTY_BYTES : entityId;
}

export function signedKey(key: PublicKey<'x25519'>, by: PrivateKey<'ed25519' | 'ed448'> = relayCredentials.privateKey): Uint8Array {
  return encodeSignedKey(key, by);
}

export interface Stage {
  readonly client: SmpClient;
  readonly relay: RelaySession;
  /** The client's end. */
  readonly connection: BlockConnection;
}

/** A dialer that leads to a scripted relay; `sessions` fills as connections are made. */
export function dialerTo(script: RelayScript, pairOptions: ConnectionPairOptions = {}): { dial: Dial; sessions: RelaySession[]; connections: PairedConnection[] } {
  const sessions: RelaySession[] = [];
  const connections: PairedConnection[] = [];
  const dial: Dial = ({ credentials }) => {
    const pair = connectionPair({ serverChain: relayCredentials.chain, clientChain: credentials?.chain ?? [], sessionId: randomBytes(32), ...pairOptions });
    sessions.push(new RelaySession(pair.server, script));
    connections.push(pair.client);
    return Promise.resolve(pair.client);
  };
  return { dial, sessions, connections };
}

export async function stage(script: RelayScript = {}, options: Partial<ConnectSmpOptions> = {}, pairOptions: ConnectionPairOptions = {}): Promise<Stage> {
  const { dial, sessions, connections } = dialerTo(script, pairOptions);
  const client = await connectSmp({ address: relayAddress, dial, ...options });
  await turns(2); // the client's hello arrives
  return { client, relay: sessions[0]!, connection: connections[0]! };
}

/** Lets blocks in memory arrive: each turn of the event loop moves them one way. */
export async function turns(count = 4): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
