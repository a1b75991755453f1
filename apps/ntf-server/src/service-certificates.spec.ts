/** Certificates of our service at relays: the same again, and another one for each. */
import { equalBytes } from '@polyplex/base';
import { expect, it } from 'vitest';
import { serviceCertificates } from './service-certificates.ts';

const [ONE, OTHER] = ['smp://AAAA@one.example.org', 'smp://BBBB@other.example.org'];

function chainAt(secret: string, relay: string): Uint8Array {
  return serviceCertificates(secret)(relay).chain[0]!;
}

it('are the same for a relay on every node and after every start', () => {
  expect(equalBytes(chainAt('secret', ONE), chainAt('secret', ONE))).toBe(true);
});

it('are others for each relay and for each secret, and nothing in them is common', () => {
  const [one, other] = [chainAt('secret', ONE), chainAt('secret', OTHER)];
  expect(equalBytes(one, other)).toBe(false);
  expect(equalBytes(one, chainAt('another', ONE))).toBe(false);
  const [mine, theirs] = [ONE, OTHER].map((relay) => serviceCertificates('secret')(relay));
  expect(equalBytes(mine!.privateKey.raw, theirs!.privateKey.raw)).toBe(false);
});
