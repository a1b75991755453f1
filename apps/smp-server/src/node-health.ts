/** When a relay should get work: its store answers, its disk has room, its certificate is good. */
import { answers, type Certificates, diskRoom, Readiness } from '@polyplex/node';
import type { QueueStore } from '@polyplex/store-contract';
import type { SmpConfig } from './config/smp-config.ts';
import { storeFolder } from './open-store.ts';

export interface HealthParts {
  readonly config: Pick<SmpConfig, 'storage'>;
  readonly store: QueueStore;
  readonly certificates: Certificates;
  readonly isDraining: () => boolean;
}

export function nodeHealth({ config: { storage }, store, certificates, isDraining }: HealthParts): Readiness {
  const disk = diskRoom(storeFolder(storage), { least: storage.minRoom, setting: 'storage.minRoom' });
  return new Readiness(isDraining, [answers(store, 'the store does not answer'), certificates.check, ...(storage.engine === 'embedded' ? [disk] : [])]);
}
