/** When a push proxy should get work: its store answers, its disk has room, its certificate is good. */
import { answers, type Certificates, diskRoom, Readiness } from '@polyplex/node';
import type { TokenStore } from '@polyplex/store-contract';
import type { NtfConfig } from './config/ntf-config.ts';
import { dataDirOf } from './open-store.ts';

export interface HealthParts {
  readonly config: NtfConfig;
  readonly store: TokenStore;
  readonly certificates: Certificates;
  readonly isDraining: () => boolean;
}

/** A relay or a push service that is away makes no node unready: all nodes would be. */
export function nodeHealth({ config, store, certificates, isDraining }: HealthParts): Readiness {
  const { storage: { minRoom }, ntfStorage: { engine } } = config;
  const disk = diskRoom(dataDirOf(config), { least: minRoom, setting: 'storage.minRoom' });
  return new Readiness(isDraining, [answers(store, 'the store of devices does not answer'), certificates.check, ...(engine === 'embedded' ? [disk] : [])]);
}
