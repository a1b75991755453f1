/**
 * Makes transmissions for one session: with the relay we are connected to, or with the one behind a proxy, whose
 * session id and key then count (SMP §4.2, §4.3, §7.2). The secret with a queue's X25519 key is agreed on once.
 */
import { concatBytes } from '@polyplex/base';
import { type BoxKey, type PrivateKey, type PublicKey, sign } from '@polyplex/crypto';
import {
  authenticatorKey, authorize, authorizedBytes, BATCH_SIZE_BYTES, IMPLIED_SESSION_VERSION, SERVICE_SIGNATURE_VERSION, signedPart, writeTransmission,
} from '@polyplex/protocol-common';
import { encodeCommand, type SmpCommand } from '@polyplex/protocol-smp';
import type { AnnouncedService } from './client-handshake.ts';
import { transportError } from './client-error.ts';

/** Private half of a key that authorises commands. */
export type AuthPrivateKey = PrivateKey<'ed25519' | 'ed448' | 'x25519'>;

export interface AuthorizerSession {
  readonly version: number;
  readonly sessionId: Uint8Array;
  readonly relaySessionKey: PublicKey<'x25519'> | null;
  readonly service: AnnouncedService | null;
}

export interface CommandParts {
  readonly corrId: Uint8Array;
  readonly entityId: Uint8Array;
  readonly command: SmpCommand;
  readonly key: AuthPrivateKey | null;
  /** Signs with the service's session key as well. */
  readonly asService: boolean;
}

const ITEM_LENGTH_BYTES = 2;

export class Authorizer {
  private readonly session: AuthorizerSession;
  /** Made when the first X25519 key is used: most sessions see none. */
  private boxKeys: WeakMap<AuthPrivateKey, BoxKey> | null = null;

  constructor(session: AuthorizerSession) {
    this.session = session;
  }

  /** Throws `TRANSPORT`: `LARGE_MSG` when it does not fit a block, `NO_AUTH` when the relay has no key for authenticators. */
  transmission(parts: CommandParts): Uint8Array {
    const { version, sessionId } = this.session;
    const signed = signedPart(parts.corrId, parts.entityId, encodeCommand(parts.command, version));
    const bytes = parts.key === null ? writeTransmission({ sessionId, signed }, version) : this.authorized(parts.key, parts, signed);
    if (bytes.length + ITEM_LENGTH_BYTES > BATCH_SIZE_BYTES) throw transportError('LARGE_MSG');
    return bytes;
  }

  private authorized(key: AuthPrivateKey, { corrId, asService }: CommandParts, signed: Uint8Array): Uint8Array {
    const { version, sessionId, service } = this.session;
    const bytes = authorizedBytes(sessionId, signed);
    if (!asService) return writeTransmission({ auth: this.auth(key, corrId, bytes), sessionId, signed }, version);
    if (service === null || version < SERVICE_SIGNATURE_VERSION) throw transportError('NO_AUTH');
    const auth = this.auth(key, corrId, concatBytes(service.fingerprint, bytes));
    return writeTransmission({ auth, serviceSignature: sign(service.sessionKey, bytes), sessionId, signed }, version);
  }

  private auth(key: AuthPrivateKey, corrId: Uint8Array, bytes: Uint8Array): Uint8Array {
    return authorize(key.kind === 'x25519' ? this.boxKey(key) : (key as PrivateKey<'ed25519' | 'ed448'>), corrId, bytes);
  }

  private boxKey(key: AuthPrivateKey): BoxKey {
    const { relaySessionKey, version } = this.session;
    this.boxKeys ??= new WeakMap();
    const known = this.boxKeys.get(key);
    if (known !== undefined) return known;
    const usable = relaySessionKey !== null && version >= IMPLIED_SESSION_VERSION;
    const made = usable ? authenticatorKey(key as PrivateKey<'x25519'>, relaySessionKey) : null;
    if (made === null) throw transportError('NO_AUTH');
    this.boxKeys.set(key, made);
    return made;
  }
}

