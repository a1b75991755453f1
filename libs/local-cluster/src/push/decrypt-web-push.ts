/**
 * What a browser does with a Web Push (RFC 8188, RFC 8291), written from the RFCs apart from the code that encrypts: HKDF of
 * Node instead of its single steps.
 */
import { createDecipheriv, type ECDH, hkdfSync } from 'node:crypto';

export interface BrowserKeys {
  readonly ecdh: ECDH;
  /** 16 bytes. */
  readonly auth: Uint8Array;
}

export type Decrypted = { readonly plaintext: string } | { readonly fault: string };

const RFC8030_MAX_BYTES = 4096;

export function decryptWebPush(body: Buffer, { ecdh, auth }: BrowserKeys): Decrypted {
  if (body.length > RFC8030_MAX_BYTES) return { fault: 'the body is longer than 4096 bytes' };
  if (body.length < 21 || body.length < 21 + body[20]!) return { fault: 'the body is shorter than its header' };
  const salt = body.subarray(0, 16);
  const recordSize = body.readUInt32BE(16);
  const serverKey = body.subarray(21, 21 + body[20]!);
  const record = body.subarray(21 + body[20]!);
  if (serverKey.length !== 65) return { fault: 'the key id is no point of P-256' };
  if (record.length > recordSize || record.length < 17) return { fault: 'there is not exactly one record' };
  const shared = ecdh.computeSecret(serverKey);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), serverKey]);
  const ikm = Buffer.from(hkdfSync('sha256', shared, auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  let padded: Buffer;
  try {
    padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  } catch (error) {
    return { fault: `the record does not open: ${error instanceof Error ? error.message : ''}` };
  }
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) return { fault: 'the last record is not marked as the last' };
  return { plaintext: padded.subarray(0, end).toString() };
}
