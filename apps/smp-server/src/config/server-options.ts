/** From the operator's words to the options of the relay. */
import type { SmpServerOptions } from '@polyplex/server-smp';
import type { SmpConfig } from './smp-config.ts';

/** `password`: of `access.passwordFile`, already read; null for none. */
export function serverOptions(config: SmpConfig, password: string | null): SmpServerOptions {
  const { access, limits, messages, notifications, inactiveClients, proxy } = config;
  return {
    handshakeTimeoutMs: limits.handshakeTimeout,
    commandsInFlight: limits.commandsInFlight,
    newQueues: access.newQueues,
    password,
    newQueuesPerMinute: limits.newQueuesPerMinute,
    newQueuesPerMinutePerAddress: limits.newQueuesPerMinutePerAddress,
    messageQuota: messages.quota,
    messageTtlMs: messages.expireAfter,
    expireMessagesIntervalMs: messages.expiryInterval,
    expireOnStart: messages.expireOnStart,
    expireOnSend: messages.expireOnSend,
    notificationTtlMs: notifications.expireAfter,
    expireNotificationsIntervalMs: notifications.expiryInterval,
    notificationIntervalMs: notifications.interval,
    inactiveTtlMs: inactiveClients.disconnect ? inactiveClients.expireAfter : 0,
    inactiveCheckMs: inactiveClients.checkInterval,
    serviceCredentials: access.serviceCredentials,
    serviceRecords: limits.serviceRecords,
    proxy: {
      enabled: proxy.enabled,
      connectTimeoutMs: proxy.connectTimeout,
      commandTimeoutMs: proxy.commandTimeout,
      failureMemoryMs: proxy.failureMemory,
      relays: proxy.relays,
      forwardsPerClient: proxy.forwardsPerClient,
      forwardsPerRelay: proxy.forwardsPerRelay,
      ownDomains: proxy.ownDomains,
    },
    drainMs: config.shutdown.drainTimeout,
  };
}
