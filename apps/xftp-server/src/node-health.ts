/** When a file server should get work: its stores answer, its disk has room, its certificate is good. */
import { answers, type Certificates, diskRoom, Readiness } from '@polyplex/node';
import type { XftpConfig } from './config/xftp-config.ts';
import { dataDirOf, type OpenedStores } from './open-stores.ts';

export interface HealthParts extends OpenedStores {
  readonly config: XftpConfig;
  readonly certificates: Certificates;
  readonly isDraining: () => boolean;
}

export function nodeHealth({ config, files, chunks, certificates, isDraining }: HealthParts): Readiness {
  const { storage: { minRoom }, xftpStorage: { engine } } = config;
  const disk = diskRoom(dataDirOf(config), { least: minRoom, setting: 'storage.minRoom' });
  return new Readiness(isDraining, [
    answers(files, 'the store of records does not answer'),
    answers(chunks, 'bodies of files cannot be written'),
    certificates.check,
    ...(engine === 'embedded' ? [disk] : []),
  ]);
}
