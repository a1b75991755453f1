/** Opens what the relay encrypted for us (SMP §6.1, §6.7). */
import { copyBytes } from '@polyplex/base';
import type { BoxKey } from '@polyplex/crypto';
import { type Delivered, openDelivery, openNotification, type ReplyOf } from '@polyplex/protocol-smp';
import { responseError } from './client-error.ts';

export type ReceivedMessage = Delivered & {
  /** For ACK and to tell redeliveries apart; a copy. */
  readonly msgId: Uint8Array;
};

/** Opens MSG with the box key of its queue. Throws `RESPONSE` when it does not decrypt. */
export function openMessage({ boxKey }: { readonly boxKey: BoxKey }, { msgId, body }: ReplyOf<'MSG'>): ReceivedMessage {
  const opened = openDelivery(boxKey, msgId, body);
  if (opened === null) throw responseError('RESPONSE', 'MSG does not decrypt');
  return { ...opened, msgId: copyBytes(msgId) };
}

export interface NotificationMeta {
  readonly msgId: Uint8Array;
  /** Seconds since 1970. */
  readonly ts: number;
}

/** Opens NMSG with the box key of its notifier. Throws `RESPONSE` when it does not decrypt. */
export function openNotificationMeta({ boxKey }: { readonly boxKey: BoxKey }, { nonce, encMeta }: ReplyOf<'NMSG'>): NotificationMeta {
  const meta = openNotification(boxKey, nonce, encMeta);
  if (meta === null) throw responseError('RESPONSE', 'NMSG does not decrypt');
  return { msgId: copyBytes(meta.msgId), ts: meta.ts };
}
