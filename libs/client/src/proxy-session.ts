/**
 * Private routing as a client uses it (SMP §7.1, §7.2): a session with a destination relay through a proxy that sees
 * neither the command nor the queue. Each command has a key pair and a nonce of its own, used for nothing else.
 */
import { copyBytes, EMPTY_BYTES, equalBytes, type Clock, systemClock } from '@polyplex/base';
import { agree, boxKeyOf, generateKeyPair, type PublicKey, randomBytes, validateChain } from '@polyplex/crypto';
import { type CertChainPubKey, intersectVersions, readTransmission, type ServerAddress, type VersionRange } from '@polyplex/protocol-common';
import { CLIENT_VERSIONS, openInnerResponse, readReply, sealInner, type SmpCommand, type SmpReply } from '@polyplex/protocol-smp';
import { Authorizer } from './authorizer.ts';
import { keySignedBy } from './client-handshake.ts';
import { ProxyRefusedError, responseError, transportError } from './client-error.ts';
import type { Requester, RequestOptions } from './requester.ts';
import { REQUEST_TIMEOUT_MS } from './smp-client.ts';

/** Commands a relay takes from proxies: SEND, SKEY, LKEY and LGET. */
export interface ProxySession extends Requester {
  /** Of the session between proxy and relay: the entity of PFWD, and what inner commands are signed for. */
  readonly relaySessionId: Uint8Array;
}

export interface OpenProxySessionOptions {
  /** The proxy's, not the relay's. */
  readonly password?: string | null;
  readonly versions?: VersionRange;
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** The proxy may have to connect first. */
const OPEN_TIMEOUT_MS = 2 * REQUEST_TIMEOUT_MS;
const CORR_ID_BYTES = 24;

/**
 * PRXY. Throws `ProxyRefusedError` when the proxy refuses or cannot reach the relay, `TRANSPORT` (`HANDSHAKE IDENTITY`,
 * `VERSION`) when what it presents is not the relay of that address.
 */
export async function openProxySession(client: Pick<Requester, 'request'>, relay: ServerAddress, options: OpenProxySessionOptions = {}): Promise<ProxySession> {
  const { password = null, versions = CLIENT_VERSIONS, timeoutMs = OPEN_TIMEOUT_MS, clock = systemClock } = options;
  const reply = await client.request({ tag: 'PRXY', server: relay, password }, { timeoutMs });
  if (reply.tag === 'ERR') throw new ProxyRefusedError(reply.error);
  if (reply.tag !== 'PKEY') throw responseError('UNEXPECTED', reply.tag);
  const relayKey = checkedRelayKey(reply.key, relay.keyHash, clock.now());
  const agreed = intersectVersions(versions, reply.versions);
  if (agreed === null) throw transportError('VERSION');
  return new RelayThroughProxy(client, { version: agreed.max, sessionId: copyBytes(reply.sessionId), relayKey });
}

/** SMP §7.1.3: the chain is the relay's, and its leaf signed the key. */
function checkedRelayKey({ chain, signedKey }: CertChainPubKey, keyHash: Uint8Array, now: number): PublicKey<'x25519'> {
  const isRelay = validateChain(chain, { expectedFingerprint: keyHash, now }) === 'ok';
  const key = isRelay ? keySignedBy(chain, signedKey) : null;
  if (key === null) throw transportError('HANDSHAKE IDENTITY');
  return key;
}

interface RelaySession {
  readonly version: number;
  readonly sessionId: Uint8Array;
  readonly relayKey: PublicKey<'x25519'>;
}

class RelayThroughProxy implements ProxySession {
  readonly version: number;
  readonly relaySessionId: Uint8Array;
  private readonly client: Pick<Requester, 'request'>;
  private readonly relayKey: PublicKey<'x25519'>;
  private readonly authorizer: Authorizer;

  constructor(client: Pick<Requester, 'request'>, { version, sessionId, relayKey }: RelaySession) {
    this.client = client;
    this.version = version;
    this.relaySessionId = sessionId;
    this.relayKey = relayKey;
    this.authorizer = new Authorizer({ version, sessionId, relaySessionKey: relayKey, service: null });
  }

  /** The relay's answer; `ERR` of the proxy itself is thrown as `ProxyRefusedError`. */
  async request(command: SmpCommand, options: RequestOptions = {}): Promise<SmpReply> {
    const { entityId = EMPTY_BYTES, key = null, corrId = randomBytes(CORR_ID_BYTES), timeoutMs = OPEN_TIMEOUT_MS } = options;
    const commandKeys = generateKeyPair('x25519');
    const secret = agree(commandKeys.privateKey, this.relayKey);
    if (secret === null) throw transportError('HANDSHAKE BAD_AUTH');
    const boxKey = boxKeyOf(secret);
    const transmission = this.authorizer.transmission({ corrId, entityId, command, key, asService: false });
    const forwarded = { tag: 'PFWD', version: this.version, key: commandKeys.publicKey, encTransmission: this.seal(boxKey, corrId, transmission) } as const;
    const reply = await this.client.request(forwarded, { entityId: this.relaySessionId, corrId, timeoutMs });
    if (reply.tag === 'ERR') throw new ProxyRefusedError(reply.error);
    if (reply.tag !== 'PRES') throw responseError('UNEXPECTED', reply.tag);
    return this.open(openInnerResponse(boxKey, corrId, reply.encResponse), corrId, entityId);
  }

  private seal(boxKey: ReturnType<typeof boxKeyOf>, corrId: Uint8Array, transmission: Uint8Array): Uint8Array {
    if (transmission.length > INNER_ROOM_BYTES) throw transportError('LARGE_MSG');
    return sealInner(boxKey, corrId, transmission);
  }

  private open(opened: ReturnType<typeof openInnerResponse>, corrId: Uint8Array, entityId: Uint8Array): SmpReply {
    const inner = 'error' in opened ? null : readTransmission(opened.transmission, this.version);
    const reply = inner === null ? null : readReply(inner.command, this.version);
    if (inner === null || reply === null) throw responseError('RESPONSE', 'forwarded answer');
    const isOurs = equalBytes(inner.corrId, corrId) && (reply.tag === 'ERR' || equalBytes(inner.entityId, entityId));
    if (!isOurs) throw responseError('UNEXPECTED', reply.tag);
    return reply;
  }
}

/** Padded size less the padding's length, the count and the item's length. */
const INNER_ROOM_BYTES = 16_226 - 2 - 1 - 2;
