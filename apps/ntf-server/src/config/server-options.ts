/** From the operator's words to the options of the push proxy. */
import type { NtfServerOptions } from '@polyplex/server-ntf';
import type { NtfConfig } from './ntf-config.ts';

export function serverOptions(config: NtfConfig): NtfServerOptions {
  const { ntfAccess, ntfLimits, ntfInactiveClients, ntfWebPush } = config;
  return {
    handshakeTimeoutMs: ntfLimits.handshakeTimeout,
    commandsInFlight: ntfLimits.commandsInFlight,
    newTokens: ntfAccess.newTokens,
    newTokensPerMinute: ntfLimits.newTokensPerMinute,
    newTokensPerMinutePerAddress: ntfLimits.newTokensPerMinutePerAddress,
    newSubscriptionsPerMinutePerAddress: ntfLimits.newSubscriptionsPerMinutePerAddress,
    providers: providersOf(config),
    pushHosts: ntfWebPush.hosts.length === 0 ? null : ntfWebPush.hosts,
    inactiveTtlMs: ntfInactiveClients.disconnect ? ntfInactiveClients.expireAfter : 0,
    inactiveCheckMs: ntfInactiveClients.checkInterval,
    drainMs: config.shutdown.drainTimeout,
  };
}

/** Whom this server can push to; `apns_null` is the apps' test of it, and never pushed to. */
function providersOf({ ntfApns, ntfWebPush }: NtfConfig): NtfServerOptions['providers'] {
  return [
    'apns_null',
    ...(ntfApns.keyFile === null ? [] : (['apns_prod', 'apns_dev'] as const)),
    ...(ntfApns.testHost === null ? [] : (['apns_test'] as const)),
    ...(ntfWebPush.enabled ? (['webpush'] as const) : []),
  ];
}
