/**
 * How two sides come to a ratchet (agent §5.1, §5.3, §5.8): the initiator publishes two keys and perhaps a KEM key, the joiner
 * answers with two of its own and may send at once; the initiator sends after the joiner's first message.
 */
import { concatBytes } from '@polyplex/base';
import { decapsulate, type KemKeyPair, type KeyPair } from '@polyplex/crypto';
import { type E2eParameters, KEM_VERSION, type KemParameters } from '@polyplex/protocol-agent';
import { agreement, type FirstKeys, firstKeys, rootStep } from './derive.ts';
import { type FreshKeys, freshKeys } from './fresh-keys.ts';
import { RatchetError } from './ratchet-error.ts';
import { type KemState, kemParametersOf, type PostQuantum, type Ratchet, type Versions } from './state.ts';

/** The private side of published parameters; kept until the other side's are there. */
export interface OwnParameters {
  readonly key1: KeyPair<'x448'>;
  readonly key2: KeyPair<'x448'>;
  /** Null: no KEM key was offered. */
  readonly kem: KemKeyPair | null;
}

export interface JoinerParameters {
  readonly key1: KeyPair<'x448'>;
  readonly key2: KeyPair<'x448'>;
  readonly kem: KemState | null;
}

/** Whether this side has KEM headers, and offers or answers keys. */
export interface PostQuantumWish {
  readonly supported: boolean;
  readonly enabled: boolean;
}

/** Keys for parameters to publish; `offersKem` where post-quantum encryption is wanted. */
export function initiatorParameters(offersKem: boolean, fresh: FreshKeys = freshKeys): OwnParameters {
  return { key1: fresh.ratchetKeys(), key2: fresh.ratchetKeys(), kem: offersKem ? fresh.kemKeys() : null };
}

/** Keys for the answer to an initiator's parameters: its KEM key is answered where `wantsKem`, and one is offered where it has none. */
export function joinerParameters(initiator: E2eParameters, wantsKem: boolean, fresh: FreshKeys = freshKeys): JoinerParameters {
  const keys = { key1: fresh.ratchetKeys(), key2: fresh.ratchetKeys() };
  if (!wantsKem || initiator.version < KEM_VERSION) return { ...keys, kem: null };
  const peerKey = initiator.kem?.publicKey;
  return { ...keys, kem: { own: fresh.kemKeys(), accepted: peerKey === undefined ? null : { peerKey, ...fresh.encapsulate(peerKey) } } };
}

/** What the other side gets of them. */
export function publishedParameters(version: number, { key1, key2, kem }: OwnParameters | JoinerParameters): E2eParameters {
  return { version, key1: key1.publicKey, key2: key2.publicKey, kem: kem === null || version < KEM_VERSION ? null : publishedKem(kem) };
}

function publishedKem(kem: KemKeyPair | KemState): KemParameters {
  return kemParametersOf('own' in kem ? kem : { own: kem, accepted: null });
}

/** The joiner's ratchet, which sends at once. */
export function joinRatchet(versions: Versions, own: JoinerParameters, { initiator, wish, fresh = freshKeys }: {
  readonly initiator: E2eParameters;
  readonly wish: PostQuantumWish;
  readonly fresh?: FreshKeys;
}): Ratchet {
  const secret = own.kem?.accepted?.sharedKey ?? null;
  const keys = firstKeys([
    agreement(own.key2.privateKey, initiator.key1),
    agreement(own.key1.privateKey, initiator.key2),
    agreement(own.key2.privateKey, initiator.key2),
  ], secret);
  const first = fresh.ratchetKeys();
  const { rootKey, chainKey, nextHeaderKey } = rootStep(keys.rootKey, agreement(first.privateKey, initiator.key2), secret);
  return {
    versions,
    associated: concatBytes(own.key1.publicKey.raw, initiator.key1.raw),
    own: first,
    pq: { ...wish, kem: own.kem, sending: secret !== null, receiving: false },
    rootKey,
    sending: { peerKey: initiator.key2, chainKey, headerKey: keys.headerKey },
    receiving: null,
    sent: 0,
    received: 0,
    previous: 0,
    nextSendingHeaderKey: nextHeaderKey,
    nextReceivingHeaderKey: keys.nextHeaderKey,
  };
}

/** The initiator's ratchet, which receives first. Throws KEM when the joiner answers a key that was not offered. */
export function initiateRatchet(versions: Versions, own: OwnParameters, { joiner, wish }: {
  readonly joiner: E2eParameters;
  readonly wish: PostQuantumWish;
}): Ratchet {
  const kem = acceptedKem(own.kem, joiner.kem);
  const keys: FirstKeys = firstKeys([
    agreement(own.key1.privateKey, joiner.key2),
    agreement(own.key2.privateKey, joiner.key1),
    agreement(own.key2.privateKey, joiner.key2),
  ], kem?.accepted?.sharedKey ?? null);
  const pq: PostQuantum = { ...wish, kem, sending: false, receiving: false };
  return {
    versions,
    associated: concatBytes(joiner.key1.raw, own.key1.publicKey.raw),
    own: own.key2,
    pq,
    rootKey: keys.rootKey,
    sending: null,
    receiving: null,
    sent: 0,
    received: 0,
    previous: 0,
    nextSendingHeaderKey: keys.nextHeaderKey,
    nextReceivingHeaderKey: keys.headerKey,
  };
}

/** Our offered key with the secret of the joiner's answer; without one our key is dropped, and offered anew by the first step. */
function acceptedKem(offered: KemKeyPair | null, answer: KemParameters | null): KemState | null {
  if (answer?.type !== 'A') return null;
  if (offered === null) throw new RatchetError('KEM', 'a KEM key was answered that was not offered');
  const { ciphertext, publicKey: peerKey } = answer;
  return { own: offered, accepted: { peerKey, ciphertext, sharedKey: decapsulate(ciphertext, offered.secretKey) } };
}
