/** Arbitrary values of the pieces that commands and replies are made of (SMP §1). Keys are random bytes of the right length. */
import * as fc from 'fast-check';
import { encodeSignedKey, generateKeyPair, KEY_BYTES, type KeyKind, type PublicKey } from '@polyplex/crypto';
import type { AuthKey, CertChainPubKey, ServerAddress, VersionRange } from '@polyplex/protocol-common';

export const byteStrings = (max: number, min = 0): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: min, maxLength: max });

/** Mostly 24 bytes as relays make them; sometimes any length that fits. */
export const entityIds: fc.Arbitrary<Uint8Array> = fc.oneof({ weight: 4, arbitrary: byteStrings(24, 24) }, { weight: 1, arbitrary: byteStrings(255) });

export function publicKeys<K extends KeyKind>(...kinds: readonly K[]): fc.Arbitrary<PublicKey<K>> {
  return fc.constantFrom(...kinds).chain((kind) => byteStrings(KEY_BYTES[kind], KEY_BYTES[kind]).map((raw) => ({ kind, raw })));
}

export const authKeys = publicKeys('ed25519', 'ed448', 'x25519') as fc.Arbitrary<AuthKey>;
export const dhKeys = publicKeys('x25519');

export const versionRanges: fc.Arbitrary<VersionRange> = fc
  .tuple(fc.nat(0xffff), fc.nat(0xffff))
  .map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));

export const passwords: fc.Arbitrary<string> = fc.stringMatching(/^[!-.0-9;-?A-Z[-~éü£]{1,40}$/);

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
export const hosts: fc.Arbitrary<string> = fc.oneof(
  fc.ipV4(),
  fc.constantFrom('::1', '2001:db8::7', 'fe80::1:2', '1:2:3:4:5:6:7:8'),
  fc.stringMatching(/^[a-z2-7]{56}\.onion$/),
  fc.tuple(label, label).map((parts) => parts.join('.')),
);

export const serverAddresses: fc.Arbitrary<ServerAddress> = fc.record({
  hosts: fc.array(hosts, { minLength: 1, maxLength: 3 }),
  port: fc.oneof(fc.constant(''), fc.integer({ min: 1, max: 65_535 }).map(String)),
  keyHash: byteStrings(32, 32),
});

/** Chains are any bytes, but the signed key is one: its form is checked where it is read. */
export const certChainPubKeys: fc.Arbitrary<CertChainPubKey> = fc
  .tuple(fc.array(byteStrings(400), { minLength: 1, maxLength: 4 }), fc.constantFrom('ed25519', 'ed448'))
  .map(([chain, kind]) => ({ chain, signedKey: kind === 'ed25519' ? signedKeys.ed25519 : signedKeys.ed448 }));

const signedKeys = {
  ed25519: encodeSignedKey(generateKeyPair('x25519').publicKey, generateKeyPair('ed25519').privateKey),
  ed448: encodeSignedKey(generateKeyPair('x25519').publicKey, generateKeyPair('ed448').privateKey),
};
