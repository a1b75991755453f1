/** What operators may do to a relay, and where it is written down. The day's quota of blocks is read off what is written. */
import { systemClock } from '@polyplex/base';
import type { AdminAppOptions } from '@polyplex/nest';
import { openAudit } from '@polyplex/node';
import type { QueueStore } from '@polyplex/store-contract';
import type { Logger } from '@polyplex/telemetry';
import { blockQuota } from './block-quota.ts';
import type { SmpConfig } from './config/smp-config.ts';
import { queueAdmin } from './queue-admin.ts';

/** Rejects with `NodeError` STORAGE when the audit log that the settings name cannot be written. */
export async function operatorSteps(
  { admin, storage, access }: SmpConfig, store: QueueStore, log: Logger,
): Promise<Required<Pick<AdminAppOptions, 'audit' | 'queues'>>> {
  const audit = await openAudit({ auditFile: admin.auditFile, dataDir: storage.dataDir, server: 'smp' }, log);
  const taken = await audit.takenToday('queue block');
  return { audit, queues: queueAdmin(store, blockQuota(access.dailyBlockQuota, { taken, clock: systemClock })) };
}
