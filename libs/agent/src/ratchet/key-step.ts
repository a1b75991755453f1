/** The step on the other side's new key: both chains begin anew, with a KEM secret where both want it (agent §5.6, §5.8). */
import { decapsulate, type PublicKey } from '@polyplex/crypto';
import { KEM_VERSION, type KemParameters } from '@polyplex/protocol-agent';
import { agreement, rootStep } from './derive.ts';
import type { FreshKeys } from './fresh-keys.ts';
import { RatchetError } from './ratchet-error.ts';
import type { KemState, PostQuantum, Ratchet } from './state.ts';

/** What a header says of its sender's keys. */
export interface PeerKeys {
  readonly key: PublicKey<'x448'>;
  readonly kem: KemParameters | null;
}

export function keyStep(ratchet: Ratchet, peer: PeerKeys, fresh: FreshKeys): Ratchet {
  const { receivingSecret, sendingSecret, pq } = kemStep(ratchet, peer.kem, fresh);
  const own = fresh.ratchetKeys();
  const receive = rootStep(ratchet.rootKey, agreement(ratchet.own.privateKey, peer.key), receivingSecret);
  const send = rootStep(receive.rootKey, agreement(own.privateKey, peer.key), sendingSecret);
  return {
    ...ratchet,
    own,
    pq,
    rootKey: send.rootKey,
    sending: { peerKey: peer.key, chainKey: send.chainKey, headerKey: ratchet.nextSendingHeaderKey },
    receiving: { chainKey: receive.chainKey, headerKey: ratchet.nextReceivingHeaderKey },
    previous: ratchet.sent,
    sent: 0,
    received: 0,
    nextSendingHeaderKey: send.nextHeaderKey,
    nextReceivingHeaderKey: receive.nextHeaderKey,
  };
}

interface KemStep {
  readonly receivingSecret: Uint8Array | null;
  readonly sendingSecret: Uint8Array | null;
  readonly pq: PostQuantum;
}

function kemStep({ pq, versions }: Ratchet, peer: KemParameters | null, fresh: FreshKeys): KemStep {
  const isPossible = pq.enabled && versions.current >= KEM_VERSION;
  const receivingSecret = peer?.type === 'A' ? answeredSecret(pq.kem, peer.ciphertext) : null;
  const kem = nextKem(pq, peer, { isPossible, fresh });
  const sendingSecret = sharedKeyOf(kem);
  // A KEM secret is in no chain that has no own KEM key beside it, but for the receiving one after post-quantum was turned off.
  const enabled = kem !== null || receivingSecret !== null;
  const supported = pq.supported || (versions.current >= KEM_VERSION && enabled);
  return { receivingSecret, sendingSecret, pq: { supported, enabled, kem, sending: sendingSecret !== null, receiving: receivingSecret !== null } };
}

function sharedKeyOf(kem: KemState | null): Uint8Array | null {
  return kem?.accepted?.sharedKey ?? null;
}

function answeredSecret(kem: KemState | null, ciphertext: Uint8Array): Uint8Array {
  if (kem === null) throw new RatchetError('KEM', 'a KEM key was answered that was not offered');
  return decapsulate(ciphertext, kem.own.secretKey);
}

function nextKem(pq: PostQuantum, peer: KemParameters | null, { isPossible, fresh }: { readonly isPossible: boolean; readonly fresh: FreshKeys }): KemState | null {
  if (!isPossible) return null;
  if (peer !== null) return { own: fresh.kemKeys(), accepted: { peerKey: peer.publicKey, ...fresh.encapsulate(peer.publicKey) } };
  // Neither has offered: we do. Ours was not answered: it is dropped, and offered again a step later.
  return pq.kem === null ? { own: fresh.kemKeys(), accepted: null } : null;
}
