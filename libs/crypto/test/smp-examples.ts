/** Values of SMP §11: constructed keys, the chain and signed key of the ServerHello, and their constants. */
import { decodePublicKey, type KeyPair, publicKeyOf } from '@polyplex/crypto';
import { hex } from './hex.ts';

export const sessionId = Uint8Array.from({ length: 32 }, (_, i) => i);
export const corrId = Uint8Array.from({ length: 24 }, (_, i) => 0xa0 + i);
export const messageId = Uint8Array.from({ length: 24 }, (_, i) => 0xc0 + i);
export const recipientId = new Uint8Array(24).fill(1);
export const senderId = new Uint8Array(24).fill(2);

/** The constructed keys are 32 equal bytes (SMP §11.2). */
export function constructed<K extends 'x25519' | 'ed25519'>(kind: K, byte: number): KeyPair<K> {
  const privateKey = { kind, raw: new Uint8Array(32).fill(byte) };
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/** ServerHello content (SMP §11.3): 904 bytes with a leaf of 373, a CA of 367 and a signed key of 120. */
const serverHello = Buffer.from(
  `AAYAEiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHwIBdTCCAXEwggEjoAMCAQICFDoCi3X4sQYyblpf5AfGPEPV85Pv
MAUGAytlcDAqMRYwFAYDVQQDDA1TTVAgc2VydmVyIENBMRAwDgYDVQQKDAdTaW1wbGVYMCAXDTI2MTEyNDAxMzAyNVoYDzQ3NjQx
MDIwMDEzMDI1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwKjAFBgMrZXADIQB2s1LXCgKRuM/z5AmCcBHy/ruY0eq/5NNVCXQ0xjmO
zqNvMG0wCQYDVR0TBAIwADALBgNVHQ8EBAMCA8gwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFKnl8jrzINIJewRm/Kv0
CtSueNt8MB8GA1UdIwQYMBaAFDsk31tZhWPxquPrQ82TZJvHM6aEMAUGAytlcANBAIeK0taj29mua8BnWbeK8ANyA28knA3gEmmF
WbyvfErR/9IWrIWCf9RgUCSozEhaUO9Aj7sCiBy4QbhoyUi6oAwBbzCCAWswggEdoAMCAQICFC6pXPy4itjC0Oen109BfpfTkdvA
MAUGAytlcDAqMRYwFAYDVQQDDA1TTVAgc2VydmVyIENBMRAwDgYDVQQKDAdTaW1wbGVYMCAXDTI2MTEyNDAxMzAyNVoYDzQ3NjQx
MDIwMDEzMDI1WjAqMRYwFAYDVQQDDA1TTVAgc2VydmVyIENBMRAwDgYDVQQKDAdTaW1wbGVYMCowBQYDK2VwAyEAcvSclZPAS1D7
Y4jVkdrXU0G9Vs2oueYWjp9ydJTlB6CjUzBRMB0GA1UdDgQWBBQ7JN9bWYVj8arj60PNk2SbxzOmhDAfBgNVHSMEGDAWgBQ7JN9b
WYVj8arj60PNk2SbxzOmhDAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBACe2gcvwpH9ArlGzR08p865Zbm+j8VPxN5R5ND0A/eZ7
IQJ0z3GZe6UUkDXrXITWUZL5dVU+hgn/tRF6bKaiMQcAeDB2MCowBQYDK2VuAyEAe06Qm75//kTEZaIgA31gjuNYl9Me+XLwf3SJ
LLD3PxMwBQYDK2VwA0EAvKwG0IZchkdMuZXchrBb1n4veZz4AIbJZ+eMqnvhe3g/A69fS+SFO+DeDlKvnWaHdy1/IE2RMX+jOdgf
h0f5CQ==`,
  'base64',
);

export const helloChain: readonly Uint8Array[] = [
  Uint8Array.from(serverHello.subarray(40, 413)),
  Uint8Array.from(serverHello.subarray(415, 782)),
];
export const helloSignedKey = Uint8Array.from(serverHello.subarray(784));
export const helloFingerprint = hex('3192fc13d2b9b00b5d0436d54c34687b52b7a02d8290b2df21411ca8941bfc32');
export const helloSessionKey = decodePublicKey(
  hex('302a300506032b656e0321007b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13'),
)!;
/** A moment within the dates of the chain. */
export const HELLO_TIME_MS = Date.UTC(2027, 0, 1);
