/** Notifiers and their services as tests use them. */
import { agree, boxKeyOf, generateKeyPair, type PrivateKey } from '@polyplex/crypto';
import type { AuthKey } from '@polyplex/protocol-common';
import { issueServiceCertificate, readCredentials } from '@polyplex/transport-tls';
import type { TestQueue } from './queue.ts';
import { RawClient, type RawClientOptions, said } from './raw-client.ts';

export interface TestNotifier {
  readonly notifierId: Uint8Array;
  readonly key: PrivateKey;
  readonly boxKey: ReturnType<typeof boxKeyOf>;
}

/** Gives the queue new notifier credentials (NKEY). */
export async function nkey(recipient: RawClient, queue: TestQueue): Promise<TestNotifier> {
  const keys = generateKeyPair('ed25519');
  const dh = generateKeyPair('x25519');
  const command = { tag: 'NKEY', notifierKey: keys.publicKey as AuthKey, dhKey: dh.publicKey } as const;
  const reply = await recipient.ask(command, queue.recipientId, queue.recipientKey);
  if (reply.tag !== 'NID') throw new Error(said(reply));
  return { notifierId: Uint8Array.from(reply.notifierId), key: keys.privateKey, boxKey: boxKeyOf(agree(dh.privateKey, reply.dhKey)!) };
}

export const nsub = (client: RawClient, { notifierId, key }: TestNotifier, withService = false) => client.ask({ tag: 'NSUB' }, notifierId, key, withService);

/** A service of its own certificate; `connect` opens a session of it. */
export function service() {
  const issued = issueServiceCertificate({ commonName: 'notifications', algorithm: 'ed25519' });
  const credentials = readCredentials({ certificatePem: issued.certificate, keyPem: issued.key, allowSelfSigned: true });
  const connect = (to: Pick<RawClientOptions, 'port' | 'fingerprint'>, role: 'M' | 'N' = 'N') => RawClient.connect({ ...to, service: { credentials, role } });
  return { connect };
}

/** NSUBS: how many queues it has. */
export async function nsubs(client: RawClient): Promise<number> {
  client.send(client.serviceTransmission({ tag: 'NSUBS' }, client.serviceId!));
  const { reply } = await client.next();
  if (reply.tag !== 'SOKS') throw new Error(said(reply));
  return reply.count;
}
