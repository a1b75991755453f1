/**
 * The encryption of Web Push (RFC 8291 over RFC 8188, aes128gcm): one record under a key that the browser and a key pair
 * made for this one push agree on.
 */
import { createCipheriv, createECDH, createHmac, type ECDH } from 'node:crypto';
import { concatBytes, utf8 } from '@polyplex/base';
import { randomBytes } from '@polyplex/crypto';

/** What a browser gave when it subscribed. */
export interface WebPushKeys {
  /** The uncompressed point of its key, 65 bytes. */
  readonly p256dh: Uint8Array;
  /** 16 bytes. */
  readonly auth: Uint8Array;
}

/** The two things that are drawn for each push; given by tests only. */
export interface PushSecrets {
  readonly salt: Uint8Array;
  /** Our private scalar, 32 bytes. */
  readonly privateKey: Uint8Array;
}

/** RFC 8030 §7.2 promises room for a body of so many bytes. */
const MAX_BODY_BYTES = 4096;
const HEADER_BYTES = 16 + 4 + 1 + 65;
const DELIMITER_AND_TAG_BYTES = 17;
/** What a push can hold: RFC 8291 §4. */
export const MAX_WEB_PUSH_BYTES = MAX_BODY_BYTES - HEADER_BYTES - DELIMITER_AND_TAG_BYTES;

const RECORD_SIZE = 4096;
const SALT_BYTES = 16;

/** The body of a push; null when the browser's key is no point of the curve, or the plaintext too long. */
export function encryptPush(plain: Uint8Array, keys: WebPushKeys, secrets?: PushSecrets): Uint8Array | null {
  if (plain.length > MAX_WEB_PUSH_BYTES) return null;
  const own = keyPair(secrets?.privateKey);
  const ownPoint = own.getPublicKey();
  const shared = agree(own, keys.p256dh);
  if (shared === null) return null;
  const salt = secrets?.salt ?? randomBytes(SALT_BYTES);
  const ikm = hmac(hmac(keys.auth, shared), concatBytes(utf8('WebPush: info\0'), keys.p256dh, ownPoint, Uint8Array.of(1)));
  const prk = hmac(salt, ikm);
  const key = hmac(prk, utf8('Content-Encoding: aes128gcm\0\u0001')).subarray(0, 16);
  const nonce = hmac(prk, utf8('Content-Encoding: nonce\0\u0001')).subarray(0, 12);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(RECORD_SIZE, 0);
  header[4] = ownPoint.length;
  // 2 marks the last record.
  const sealed = [cipher.update(plain), cipher.update(Uint8Array.of(2)), cipher.final()];
  return concatBytes(salt, header, ownPoint, ...sealed, cipher.getAuthTag());
}

function keyPair(privateKey: Uint8Array | undefined): ECDH {
  const pair = createECDH('prime256v1');
  if (privateKey === undefined) pair.generateKeys();
  else pair.setPrivateKey(privateKey);
  return pair;
}

function agree(own: ECDH, point: Uint8Array): Buffer | null {
  if (point.length !== 65 || point[0] !== 4) return null;
  try {
    return own.computeSecret(point);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY') return null;
    throw error;
  }
}

const hmac = (key: Uint8Array, data: Uint8Array): Buffer => createHmac('sha256', key).update(data).digest();
