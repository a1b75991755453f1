/** What senders and holders of links may ask for (SMP §5.3), directly or through a proxy. All throw `RefusedError` or `SmpClientError`. */
import { copyBytes } from '@polyplex/base';
import type { KeyPair } from '@polyplex/crypto';
import type { ReplyOf } from '@polyplex/protocol-smp';
import type { LinkData } from './create-queue.ts';
import type { SenderKeys } from './queue-keys.ts';
import { demandOk, expectReply, type Requester } from './requester.ts';

type AuthPair = KeyPair<'ed25519' | 'ed448' | 'x25519'>;

/** SEND; `notify` asks for a push notification. The body is at most `maxBodyBytes(requester.version)` long. */
export function sendMessage(requester: Requester, { senderId, key }: SenderKeys, body: Uint8Array, notify = false): Promise<void> {
  return demandOk<'SEND'>(requester, { tag: 'SEND', notify, body }, { entityId: senderId, key: key ?? undefined });
}

/** SKEY: only this key may send from now on. */
export function secureBySender(requester: Requester, senderId: Uint8Array, { publicKey, privateKey }: AuthPair): Promise<void> {
  return demandOk<'SKEY'>(
    requester,
    { tag: 'SKEY', senderKey: publicKey },
    { entityId: senderId, key: privateKey },
  );
}

export interface Link extends LinkData {
  readonly senderId: Uint8Array;
}

/** LKEY: secures the queue behind a one-time link and returns its data. */
export async function secureLink(requester: Requester, linkId: Uint8Array, { publicKey, privateKey }: AuthPair): Promise<Link> {
  const command = { tag: 'LKEY', senderKey: publicKey } as const;
  return linkOf(expectReply(await requester.request(command, { entityId: linkId, key: privateKey }), 'LNK'));
}

/** LGET: the data behind a contact link. */
export async function getLink(requester: Requester, linkId: Uint8Array): Promise<Link> {
  return linkOf(expectReply(await requester.request({ tag: 'LGET' }, { entityId: linkId }), 'LNK'));
}

function linkOf({ senderId, data }: ReplyOf<'LNK'>): Link {
  return { senderId: copyBytes(senderId), fixedData: copyBytes(data.fixedData), userData: copyBytes(data.userData) };
}
