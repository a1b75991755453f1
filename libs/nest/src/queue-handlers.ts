/** Administration of queues (SMP §8.5, §9.5). */
import type { Logger } from '@polyplex/telemetry';
import type { QueueAdmin, QueueRefusal } from './admin-options.ts';
import { granted, type Handlers } from './handlers.ts';

const REFUSALS: Readonly<Record<QueueRefusal, string>> = {
  malformed: '`id` must be a sender id or link id in base64url',
  missing: 'no queue has this id',
  refused: 'the queue is suspended by its owner',
};

const BLOCK_REFUSALS = { ...REFUSALS, quota: 'no more queues may be blocked today: access.dailyBlockQuota is used up' };

export function queueHandlers(queues: QueueAdmin, log: Logger): Handlers {
  return {
    queueStatus: async ({ id }) => granted(await queues.status(id), REFUSALS),
    queueBlock: async ({ id, reason, noticeSeconds = null }, asked) => {
      const answer = granted(await queues.block(id, { reason, noticeSeconds }), BLOCK_REFUSALS);
      if (answer === 'already') asked.result = 'ok, already';
      log.warn('queue blocked', { reason });
      return { status: 'blocked', target: asked.target };
    },
    queueUnblock: async ({ id }, { target }) => {
      granted(await queues.unblock(id), REFUSALS);
      log.warn('queue unblocked');
      return { status: 'active', target };
    },
    queueDelete: async ({ id }, { target }) => {
      const { messages } = granted(await queues.delete(id), REFUSALS);
      log.warn('queue deleted', { messages });
      return { messages, target };
    },
  };
}
