/** Commands of the recipient that change or show a queue (SMP §5.2). */
import { ID_LENGTH, idKey, toBase64Url, utf8 } from '@polyplex/base';
import { type PublicKey, randomBytes } from '@polyplex/crypto';
import { AUTH_ERROR, errorReply, OK, type SmpReply } from '@polyplex/protocol-smp';
import { type Changed, type QueueRecord, type Refused, resultOf, type Stale } from '@polyplex/store-contract';
import type { Outcome, QueueContext, QueueHandler, Relay, Sender } from '../context.ts';
import { agreeWith } from './new.ts';

const NOTIFIER_ID_ATTEMPTS = 3;

/** OK when the store changed the record, AUTH when the state does not allow it, or another try. */
function outcomeOf(result: Changed | Refused | Stale): Outcome {
  switch (result.status) {
    case 'ok':
      return OK;
    case 'refused':
      return errorReply(AUTH_ERROR);
    case 'stale':
      return { stale: result.queue };
  }
}

/** Sets the sender key. */
export async function secured({ store, stats }: Relay, queue: QueueRecord, senderKey: PublicKey): Promise<Outcome> {
  const result = await store.secure(queue, senderKey);
  if (result.status === 'ok' && queue.senderKey === null) stats.queuesSecured.add();
  return outcomeOf(result);
}

export const KEY: QueueHandler<'KEY'> = ({ relay, queue, incoming }) => secured(relay, queue, incoming.command.senderKey);

export const RKEY: QueueHandler<'RKEY'> = async ({ relay, queue, incoming }) =>
  queue.mode === 'C' ? outcomeOf(await relay.store.setRecipientKeys(queue, incoming.command.recipientKeys)) : errorReply(AUTH_ERROR);

export const LSET: QueueHandler<'LSET'> = async ({ relay, queue, incoming }) => {
  if (queue.mode !== 'C' && queue.senderKey !== null) return errorReply(AUTH_ERROR);
  return outcomeOf(await relay.store.setLink(queue, incoming.command.linkId, incoming.command.data));
};

export const LDEL: QueueHandler<'LDEL'> = async ({ relay, queue }) => outcomeOf(await relay.store.deleteLink(queue));

export const NKEY: QueueHandler<'NKEY'> = async ({ relay, sender, queue, incoming }) => {
  const { notifierKey, dhKey } = incoming.command;
  const agreement = agreeWith(dhKey);
  if (agreement === null) return errorReply(AUTH_ERROR);
  for (let attempt = 0; attempt < NOTIFIER_ID_ATTEMPTS; attempt++) {
    const notifierId = randomBytes(ID_LENGTH);
    const notifier = { notifierId, notifierKey, dhSecret: agreement.secret, serviceId: null };
    const set = await relay.store.setNotifier(queue, notifier, sender.client.session.id);
    if (set.status === 'ok') {
      relay.stats.notifiersCreated.add();
      forgetNotifier(sender, queue);
      return { tag: 'NID', notifierId, dhKey: agreement.keys.publicKey };
    }
    if (set.status === 'stale') return { stale: set.queue };
  }
  return errorReply({ type: 'INTERNAL' });
};

export const NDEL: QueueHandler<'NDEL'> = async ({ relay, sender, queue }) => {
  const deleted = await relay.store.deleteNotifier(queue, sender.client.session.id);
  if (deleted.status === 'ok' && queue.notifier !== null) {
    relay.stats.notifiersDeleted.add();
    forgetNotifier(sender, queue);
  }
  return outcomeOf(deleted);
};

/** Whoever removes a notifier is not told that it is gone. */
function forgetNotifier({ client }: Sender, { notifier }: QueueRecord): void {
  if (notifier !== null) client.subscriptions.deleteNotifier(idKey(notifier.notifierId));
}

export const OFF: QueueHandler<'OFF'> = async ({ relay, queue }) => outcomeOf(await relay.store.suspend(queue));

export const DEL: QueueHandler<'DEL'> = async ({ relay, sender, queue }) => {
  const { client } = sender;
  const deleted = await relay.store.delete(queue, client.session.id);
  if (deleted.status === 'stale') return { stale: deleted.queue };
  relay.records.forgetQueue(queue);
  relay.stats.queuesDeleted.add();
  (queue.senderKey === null ? relay.stats.queuesDeletedNew : relay.stats.queuesDeletedSecured).add();
  client.subscriptions.delete(idKey(queue.recipientId));
  forgetNotifier(sender, queue);
  return OK;
};

/** Standard base64, as the JSON of INFO has it. */
function base64(bytes: Uint8Array): string {
  return toBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/');
}

export const QUE: QueueHandler<'QUE'> = async ({ relay, sender, queue }): Promise<SmpReply> => {
  const [size, heads] = await Promise.all([relay.store.size(queue), relay.store.heads([queue.recipientId], null)]);
  const head = resultOf(heads[0] ?? null)?.head ?? null;
  const info = {
    qiSnd: queue.senderKey !== null,
    qiNtf: queue.notifier !== null,
    ...subscriptionInfo(sender, queue),
    qiSize: size,
    ...(head === null
      ? {}
      : { qiMsg: { msgId: base64(head.msgId), msgTs: isoSeconds(head.ts), msgType: head.kind } }),
  };
  return { tag: 'INFO', json: utf8(JSON.stringify(info)) };
};

function isoSeconds(ts: number): string {
  return new Date(ts * 1000).toISOString().replace('.000Z', 'Z');
}

function subscriptionInfo(sender: QueueContext<'QUE'>['sender'], queue: QueueContext<'QUE'>['queue']): object {
  const subscription = sender.client.subscriptions.get(idKey(queue.recipientId));
  if (subscription === undefined) return {};
  const qDelivered = subscription.delivered === null ? {} : { qDelivered: base64(Uint8Array.from(subscription.delivered, (c) => c.charCodeAt(0))) };
  return { qiSub: { qSubThread: subscription.kind === 'GET' ? 'prohibitSub' : 'noSub', ...qDelivered } };
}
