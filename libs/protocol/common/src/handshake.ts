/**
 * The handshake blocks of SMP (SMP §3.3-3.5). They are single unencrypted padded blocks; readers ignore trailing
 * bytes inside the padded content, which leaves room for extension.
 */
import {
  bool, char, type Codec, codec, DecodeError, fields, large, mapped, maybe, nonEmptyList, optional, pad, Reader, shortString, since,
  tail, tagged, unpad, word16, Writer,
} from '@polyplex/codec';
import { decodeSignedKey, type PublicKey } from '@polyplex/crypto';
import { BLOCK_SIZE_BYTES } from './block.ts';
import { dhKey } from './key-codecs.ts';
import { versionRange } from './version-range.ts';

/** From this version on hellos carry session keys. */
export const SESSION_KEY_VERSION = 7;
export const PROXY_SERVER_VERSION = 14;
export const SERVICE_VERSION = 16;

/** A certificate chain (DER, leaf first) and a session key signed by the leaf's key, both as sent. */
export interface CertChainPubKey {
  readonly chain: readonly Uint8Array[];
  /** DER of the signed key (SMP §3.3); `decodeSignedKey` opens it. */
  readonly signedKey: Uint8Array;
}

export const certChainPubKey: Codec<CertChainPubKey> = mapped(
  fields({ chain: nonEmptyList(large), signedKey: large }),
  (value) => {
    if (decodeSignedKey(value.signedKey) === null) throw new DecodeError('bad signed key');
    return value;
  },
  (value) => value,
);

export interface ServerHello {
  readonly versions: { readonly min: number; readonly max: number };
  readonly sessionId: Uint8Array;
  /** null when the highest version is below 7, or when the key cannot be read. */
  readonly key: CertChainPubKey | null;
}

const serverHelloHead = fields({ versions: versionRange, sessionId: shortString });
const optionalChain = optional(certChainPubKey);

export const serverHello: Codec<ServerHello> = codec(
  (r) => {
    const head = serverHelloHead.read(r);
    return { ...head, key: head.versions.max >= SESSION_KEY_VERSION ? optionalChain.read(r) : null };
  },
  (w, hello) => {
    serverHelloHead.write(w, hello);
    if (hello.versions.max >= SESSION_KEY_VERSION) optionalChain.write(w, hello.key);
  },
);

export interface ClientService extends CertChainPubKey {
  readonly role: 'M' | 'N' | 'P';
}

const clientService: Codec<ClientService> = codec(
  (r) => ({ role: char('M', 'N', 'P').read(r), ...certChainPubKey.read(r) }),
  (w, service) => {
    char('M', 'N', 'P').write(w, service.role);
    certChainPubKey.write(w, service);
  },
);

export interface ClientHello {
  readonly version: number;
  readonly keyHash: Uint8Array;
  /** The client's session key; null when it sent none. */
  readonly key: PublicKey<'x25519'> | null;
  readonly proxyServer: boolean;
  readonly service: ClientService | null;
}

const clientHelloBody = fields({
  keyHash: shortString,
  key: since(SESSION_KEY_VERSION, optional(dhKey), null),
  proxyServer: since(PROXY_SERVER_VERSION, bool, false),
  service: since(SERVICE_VERSION, maybe(clientService), null),
});

/** The version comes first and decides the rest, so it is read before a reader of that version takes over. */
export const clientHello: Codec<ClientHello> = codec(
  (r) => {
    const version = word16.read(r);
    const body = new Reader(r.bytes, version, r.position, r.end);
    const value = { version, ...clientHelloBody.read(body) };
    r.position = body.position;
    return value;
  },
  (w, hello) => {
    word16.write(w, hello.version);
    const body = new Writer(hello.version);
    clientHelloBody.write(body, hello);
    tail.write(w, body.finish());
  },
);

/** Answer to a client hello with a service: its id, or a transport error text. */
export const serviceResponse = tagged({
  R: fields({ serviceId: shortString }),
  E: fields({ error: tail }),
});

/** A handshake message as its padded block. */
export function handshakeBlock<T>(format: Codec<T>, value: T): Uint8Array {
  const w = new Writer();
  format.write(w, value);
  return pad(w.finish(), BLOCK_SIZE_BYTES);
}

/** Reads a handshake block, ignoring trailing bytes; null when it is malformed. */
export function openHandshakeBlock<T>(format: Codec<T>, block: Uint8Array): T | null {
  const content = unpad(block);
  if (content === null) return null;
  try {
    return format.read(new Reader(content));
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
