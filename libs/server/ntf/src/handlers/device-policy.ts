/** Which devices this proxy pushes to at all: the operator's choice, checked before anything is stored (NTF §5.4, §11). */
import { type DeviceToken, PROHIBITED, QUOTA_ERROR, errorReply, type NtfError, type NtfReply } from '@polyplex/protocol-ntf';
import type { Session } from '@polyplex/server-core';
import type { PushProxy } from '../context.ts';

type Refusal = Parameters<PushProxy['stats']['tokenRefusals']['add']>[0];

/** A refusal that is counted under its reason. */
export function refuseToken({ stats }: PushProxy, reason: Refusal, error: NtfError): NtfReply {
  stats.tokenRefusals.add(reason);
  return errorReply(error);
}

function hostAllowed(host: string, allowed: readonly string[] | null): boolean {
  const name = host.toLowerCase();
  return allowed === null || allowed.some((suffix) => name === suffix.toLowerCase() || name.endsWith(`.${suffix.toLowerCase()}`));
}

/** Why the device is not taken: its push service, its host, too many at one time. Null when it is. */
export function checkDevice(proxy: PushProxy, session: Session, device: DeviceToken): NtfReply | null {
  const { providers, pushHosts } = proxy.options;
  if (!providers.includes(device.provider)) return refuseToken(proxy, 'provider', PROHIBITED);
  if (device.provider === 'webpush' && !hostAllowed(device.host, pushHosts)) return refuseToken(proxy, 'host', PROHIBITED);
  if (!proxy.limits.tokens.take(session.connection.addressKey)) return refuseToken(proxy, 'addressLimit', QUOTA_ERROR);
  return proxy.limits.tokensInAll.take('all') ? null : refuseToken(proxy, 'limit', QUOTA_ERROR);
}
