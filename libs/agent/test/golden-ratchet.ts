/** Conversations of the reference implementation (simplexmq 6.5.5): `vectors/ratchet.json`, its states as ours. */
import { readFileSync } from 'node:fs';
import type { KemState, Ratchet, SkippedKey } from '@polyplex/agent';
import { decodePrivateKey, decodePublicKey, type KeyPair, type PrivateKey, type PublicKey, publicKeyOf } from '@polyplex/crypto';
import { bytesOf, large, Reader, shortString } from './golden-bytes.ts';

export interface GoldenState {
  readonly rcVersion: readonly [number, number];
  readonly rcAD: string;
  readonly rcDHRs: string;
  readonly rcKEM?: { readonly rcPQRs: readonly [string, string]; readonly rcKEMs?: { readonly rcPQRr: string; readonly rcPQRss: string; readonly rcPQRct: string } };
  readonly rcSupportKEM: boolean;
  readonly rcEnableKEM: boolean;
  readonly rcSndKEM: boolean;
  readonly rcRcvKEM: boolean;
  readonly rcRK: string;
  readonly rcSnd?: { readonly rcDHRr: string; readonly rcCKs: string; readonly rcHKs: string };
  readonly rcRcv?: { readonly rcCKr: string; readonly rcHKr: string };
  readonly rcNs: number;
  readonly rcNr: number;
  readonly rcPN: number;
  readonly rcNHKs: string;
  readonly rcNHKr: string;
}

interface GoldenKey {
  readonly pkcs8Der: string;
}

interface GoldenSide {
  readonly privateKey1: GoldenKey;
  readonly privateKey2: GoldenKey;
  readonly kem: string | null;
  readonly paramsSmp: string;
  readonly initialState: GoldenState;
}

export type GoldenStep =
  | {
    readonly step: 'send'; readonly from: 'initiator' | 'joiner'; readonly id: number; readonly plaintext: string; readonly paddedLength: number;
    readonly pqEncryptionArg: boolean | null; readonly encHeader: string; readonly ciphertext: string; readonly senderStateAfter: GoldenState;
  }
  | {
    readonly step: 'receive'; readonly by: 'initiator' | 'joiner'; readonly id: number; readonly plaintext?: string; readonly error?: string;
    readonly receiverStateAfter?: GoldenState; readonly skippedKeysAfter?: readonly { readonly headerKey: string; readonly messageKeyAndIv: string; readonly msgNs: number }[];
  };

export interface GoldenConversation {
  readonly name: string;
  readonly currentVersion: number;
  readonly maxSupportedVersion: number;
  readonly initiator: GoldenSide;
  readonly joiner: GoldenSide & { readonly firstRatchetKey: GoldenKey };
  readonly steps: readonly GoldenStep[];
}

const file = JSON.parse(readFileSync(new URL('vectors/ratchet.json', import.meta.url), 'utf8')) as { readonly conversations: readonly GoldenConversation[] };
export const conversations = file.conversations;

const base64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64url'));

function pairOf(pkcs8: Uint8Array): KeyPair<'x448'> {
  const privateKey = decodePrivateKey(pkcs8) as PrivateKey<'x448'>;
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

export function keyPair({ pkcs8Der }: GoldenKey): KeyPair<'x448'> {
  return pairOf(bytesOf(pkcs8Der));
}

function kemOf({ rcPQRs: [publicKey, secretKey], rcKEMs }: NonNullable<GoldenState['rcKEM']>): KemState {
  const accepted = rcKEMs === undefined ? null : { peerKey: base64(rcKEMs.rcPQRr), sharedKey: base64(rcKEMs.rcPQRss), ciphertext: base64(rcKEMs.rcPQRct) };
  return { own: { publicKey: base64(publicKey), secretKey: base64(secretKey) }, accepted };
}

export function ratchetOf(state: GoldenState): Ratchet {
  const { rcVersion: [current, max], rcSnd, rcRcv } = state;
  return {
    versions: { current, max },
    associated: base64(state.rcAD),
    own: pairOf(base64(Buffer.from(state.rcDHRs, 'base64url').toString('latin1'))),
    pq: {
      supported: state.rcSupportKEM, enabled: state.rcEnableKEM, kem: state.rcKEM === undefined ? null : kemOf(state.rcKEM),
      sending: state.rcSndKEM, receiving: state.rcRcvKEM,
    },
    rootKey: base64(state.rcRK),
    sending: rcSnd === undefined ? null : { peerKey: decodePublicKey(base64(rcSnd.rcDHRr)) as PublicKey<'x448'>, chainKey: base64(rcSnd.rcCKs), headerKey: base64(rcSnd.rcHKs) },
    receiving: rcRcv === undefined ? null : { chainKey: base64(rcRcv.rcCKr), headerKey: base64(rcRcv.rcHKr) },
    sent: state.rcNs,
    received: state.rcNr,
    previous: state.rcPN,
    nextSendingHeaderKey: base64(state.rcNHKs),
    nextReceivingHeaderKey: base64(state.rcNHKr),
  };
}

/** A private KEM state in the form in which the reference stores it; the other side's key is not in it. */
export function storedKem(text: string, peerKey: Uint8Array): KemState {
  const r = new Reader(bytesOf(text));
  const isAccepted = r.byte() === 0x41;
  const [ciphertext, sharedKey] = isAccepted ? [large.read(r), shortString.read(r)] : [];
  const own = { publicKey: Uint8Array.from(large.read(r)), secretKey: Uint8Array.from(large.read(r)) };
  return { own, accepted: ciphertext === undefined ? null : { peerKey, ciphertext: Uint8Array.from(ciphertext), sharedKey: Uint8Array.from(sharedKey!) } };
}

export function skippedOf(keys: Extract<GoldenStep, { step: 'receive' }>['skippedKeysAfter']): SkippedKey[] {
  return (keys ?? []).map(({ headerKey, messageKeyAndIv, msgNs }) => {
    const r = new Reader(bytesOf(messageKeyAndIv));
    return { headerKey: bytesOf(headerKey), number: msgNs, key: Uint8Array.from(shortString.read(r)), iv: Uint8Array.from(shortString.read(r)) };
  });
}
