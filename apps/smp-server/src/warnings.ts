/** What works but may not be meant, said once at start. */
import { cryptoFallbackReason } from '@polyplex/crypto';
import type { SmpConfig } from './config/smp-config.ts';

const OWN_MACHINE = ['localhost', '127.0.0.1', '::1'];

export function startWarnings(config: SmpConfig): string[] {
  const { address, listen, access } = config;
  const local = address.hosts.every((host) => OWN_MACHINE.includes(host));
  const noPage = listen.sharedPort !== null && listen.webCertificateFile === null;
  const openToAll = access.newQueues && access.passwordFile === null;
  return [
    ...(local ? ['The address names this machine only. Set address.hosts to a name that apps can reach.'] : []),
    ...(noPage ? ['No information page: listen.webCertificateFile and listen.webKeyFile are not set. The shared port serves SMP alone.'] : []),
    ...(openToAll ? ['Anybody may create queues here: access.passwordFile is not set.'] : []),
    ...(cryptoFallbackReason === null ? [] : [`Native cryptography is not available, the relay is slow: ${cryptoFallbackReason}`]),
  ];
}
