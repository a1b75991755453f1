import type { StoredQueue } from '@polyplex/store-contract';
import { isId } from './ids.ts';

/** Whether the parts of a queue fit together; its own ids apart, which another queue may have. */
export function isWholeQueue({ record, link, messages, notifications }: StoredQueue): boolean {
  const last = messages.length - 1;
  return record.recipientKeys.length > 0 &&
    (record.linkId === null) === (link === null) &&
    (record.notifier !== null || notifications.length === 0) &&
    messages.every(({ kind, msgId }, i) => isId(msgId) && (kind === 'message' || i === last));
}
