/** What works but may not be meant, said once at start. */
import { cryptoFallbackReason } from '@polyplex/crypto';
import { formatSize } from '@polyplex/config';
import type { XftpConfig } from './config/xftp-config.ts';
import { filePasswordFile } from './node-files.ts';

const OWN_MACHINE = ['localhost', '127.0.0.1', '::1'];

export interface StartFacts {
  /** Bytes that count to the quota. */
  readonly usedBytes: number;
  /** Bytes that may be written before the reserve is reached; null when unknown. */
  readonly room: number | null;
  /** False where pages are due and their scripts were not built. */
  readonly hasPages: boolean;
}

export function startWarnings(config: XftpConfig, facts: StartFacts): string[] {
  const { address, xftpAddress, xftpAccess } = config;
  const hosts = xftpAddress.hosts.length === 0 ? address.hosts : xftpAddress.hosts;
  const local = hosts.every((host) => OWN_MACHINE.includes(host));
  return [
    ...(local ? ['The address names this machine only. Set address.hosts to a name that apps can reach.'] : []),
    ...(xftpAccess.newFiles ? [] : ['No new files: xftpAccess.newFiles is off.']),
    ...(xftpAccess.newFiles && filePasswordFile(config) === null ? ['Anybody may create files here: no password is set.'] : []),
    ...(facts.hasPages ? [] : ['No pages for browsers: their scripts are not in dist/page. Build the program anew.']),
    ...roomWarnings(config.xftpStorage, facts),
    ...(cryptoFallbackReason === null ? [] : [`Native cryptography is not available, the file server is slow: ${cryptoFallbackReason}`]),
  ];
}

function roomWarnings({ quota, reserve }: XftpConfig['xftpStorage'], { usedBytes, room }: StartFacts): string[] {
  return [
    ...(quota !== null && usedBytes > quota ? ['No uploads: files have more bytes than xftpStorage.quota already.'] : []),
    ...(room === 0 ? [`No uploads: the disk has less free space than xftpStorage.reserve (${formatSize(reserve)}).`] : []),
  ];
}
