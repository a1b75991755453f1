/** What works but may not be meant, said once at start. */
import { cryptoFallbackReason } from '@polyplex/crypto';
import type { NtfConfig } from './config/ntf-config.ts';

const OWN_MACHINE = ['localhost', '127.0.0.1', '::1'];
/** The bundle id of the reference's app: no key but its makers' pushes to it. */
const TOPIC_OF_OTHERS = 'chat.simplex.app';

export function startWarnings({ address, ntfAddress, ntfAccess, ntfApns, ntfWebPush }: NtfConfig): string[] {
  const hosts = ntfAddress.hosts.length === 0 ? address.hosts : ntfAddress.hosts;
  return [
    ...(hosts.every((host) => OWN_MACHINE.includes(host)) ? ['The address names this machine only. Set address.hosts to a name that apps can reach.'] : []),
    ...(ntfAccess.newTokens ? [] : ['No new devices: ntfAccess.newTokens is off.']),
    ...(ntfApns.keyFile === null ? ['No iPhones: Apple\'s push service needs ntfApns.keyFile, and an app of your own.'] : []),
    ...(ntfApns.topic === TOPIC_OF_OTHERS ? [`Apple takes pushes to ${TOPIC_OF_OTHERS} from its makers' key alone: set ntfApns.topic to the bundle id of your own app.`] : []),
    ...(ntfApns.testHost === null ? [] : ['Devices of the provider apns_test are taken: ntfApns.testHost is for tests.']),
    ...(ntfWebPush.enabled || ntfApns.keyFile !== null ? [] : ['Nobody can be pushed to: there is neither a key of Apple\'s nor Web Push.']),
    ...(cryptoFallbackReason === null ? [] : [`Native cryptography is not available, the push proxy is slow: ${cryptoFallbackReason}`]),
  ];
}
