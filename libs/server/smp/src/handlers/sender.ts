/** Commands of the sender and of link clients (SMP §5.3, §6.2). */
import { ID_LENGTH, SECOND, unixSeconds } from '@polyplex/base';
import { boxKeyOf, randomBytes } from '@polyplex/crypto';
import { AUTH_ERROR, errorReply, maxBodyBytes, OK, sealNotification, type SmpReply } from '@polyplex/protocol-smp';
import type { ConnectionId, Message, Notification, QueueRecord } from '@polyplex/store-contract';
import type { Outcome, QueueContext, QueueHandler, Relay } from '../context.ts';
import { secured } from './recipient.ts';

const QUOTA: SmpReply = errorReply({ type: 'QUOTA' });

export const SKEY: QueueHandler<'SKEY'> = ({ relay, queue, incoming }) => secured(relay, queue, incoming.command.senderKey);

function notificationFor(queue: QueueRecord, message: Message & { kind: 'message' }): Notification | null {
  if (!message.notify || queue.notifier === null) return null;
  const nonce = randomBytes(24);
  return { ts: message.ts, nonce, encMeta: sealNotification(boxKeyOf(queue.notifier.dhSecret), nonce, message) };
}

/** Why this queue takes no message of this sender; null when it does. */
function refusal({ sender, queue, incoming }: QueueContext<'SEND'>): SmpReply | null {
  if (incoming.command.body.length > maxBodyBytes(sender.version)) return errorReply({ type: 'LARGE_MSG' });
  if (queue.status.state === 'off') return errorReply(AUTH_ERROR);
  return queue.status.state === 'blocked' ? errorReply({ type: 'BLOCKED', info: queue.status.info }) : null;
}

/** One-time link data has served its purpose once the secured queue is used. */
function hasSpentLink({ linkId, senderKey, mode }: QueueRecord): boolean {
  return linkId !== null && senderKey !== null && mode === 'M';
}

/** The record without its link, or stale. */
async function withoutSpentLink(relay: Relay, queue: QueueRecord): Promise<QueueRecord | { stale: QueueRecord | null }> {
  const result = await relay.store.deleteLink(queue);
  return result.status === 'stale' ? { stale: result.queue } : result.queue;
}

export const SEND: QueueHandler<'SEND'> = async (context): Promise<Outcome> => {
  const { relay, incoming } = context;
  const { options, store, clock } = relay;
  const refused = refusal(context);
  if (refused !== null) return refused;
  const queue = hasSpentLink(context.queue) ? await withoutSpentLink(relay, context.queue) : context.queue;
  if ('stale' in queue) return queue;
  const ts = unixSeconds(clock);
  const message = { kind: 'message', msgId: randomBytes(ID_LENGTH), ts, notify: incoming.command.notify, body: incoming.command.body } as const;
  const appended = await store.append(queue, message, {
    quota: options.messageQuota,
    notification: notificationFor(queue, message),
    expireBefore: options.expireOnSend ? ts - Math.floor(options.messageTtlMs / SECOND) : null,
  });
  if (appended.status !== 'stale') relay.stats.messagesExpired.add(appended.expired);
  switch (appended.status) {
    case 'stale':
      return { stale: appended.queue };
    case 'quota':
      return QUOTA;
    case 'stored':
      countSent(relay, queue, message);
      if (appended.deliverTo !== null) relay.delivery.push(appended.deliverTo, queue, message);
      if (message.notify && queue.notifier !== null) wakeNotifier(relay, queue, appended.notifyTo);
      return OK;
  }
};

function countSent({ stats }: Relay, { recipientId }: QueueRecord, { notify }: { readonly notify: boolean }): void {
  stats.messagesSent.add();
  stats.activeQueues.add(recipientId);
  if (!notify) return;
  stats.messagesSentNotifying.add();
  stats.activeQueuesNotifying.add(recipientId);
}

/** On a relay of several nodes, whoever is subscribed may be at another one. */
function wakeNotifier({ delivery, stats, alone }: Relay, { recipientId, notifier }: QueueRecord, connection: ConnectionId | null): void {
  if (connection === null) stats.notificationsUnheard.add(alone ? 1 : 0);
  else if (notifier !== null) delivery.wakeNotifier({ recipientId, notifierId: notifier.notifierId }, connection);
}

async function linkReply({ relay, queue }: QueueContext<'LKEY' | 'LGET'>): Promise<SmpReply> {
  const data = await relay.store.linkData(queue);
  return data === null ? errorReply(AUTH_ERROR) : { tag: 'LNK', senderId: queue.senderId, data };
}

export const LKEY: QueueHandler<'LKEY'> = async (context) => {
  const outcome = await secured(context.relay, context.queue, context.incoming.command.senderKey);
  return 'stale' in outcome || outcome.tag === 'ERR' ? outcome : linkReply(context);
};

export const LGET: QueueHandler<'LGET'> = (context) => linkReply(context);
