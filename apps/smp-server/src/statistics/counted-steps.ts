/** Counts what operators do to queues, as the reference does: blocking, each queue once. */
import type { QueueAdmin } from '@polyplex/nest';
import type { SmpStats } from '@polyplex/server-smp';

export function countedSteps(queues: QueueAdmin, stats: Pick<SmpStats, 'queuesBlocked'>): QueueAdmin {
  return {
    ...queues,
    async block(id, order) {
      const answer = await queues.block(id, order);
      if (answer === 'ok') stats.queuesBlocked.add();
      return answer;
    },
  };
}
