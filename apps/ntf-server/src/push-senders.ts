/** The push services that the configuration names, behind one face (NTF §4.7, §5.2). */
import { systemClock } from '@polyplex/base';
import { type ApnsOptions, createPushSender, type PushSender, type WebPushOptions } from '@polyplex/push';
import type { Logger } from '@polyplex/telemetry';
import type { NtfConfig } from './config/ntf-config.ts';
import type { PushFiles } from './node-files.ts';

const HTTPS_PORT = 443;

export function openPushSender(config: NtfConfig, files: PushFiles, log: Logger): PushSender {
  return createPushSender({ apns: apnsOptions(config, files, log), webPush: webPushOptions(config, files, log) });
}

function apnsOptions({ ntfApns, ntfPushes }: NtfConfig, { apnsKey, apnsRoots }: PushFiles, log: Logger): ApnsOptions | undefined {
  if (apnsKey === null || ntfApns.topic === null) return undefined;
  return {
    key: apnsKey,
    topic: ntfApns.topic,
    environments: {
      apns_prod: hostAndPort(ntfApns.productionHost),
      apns_dev: hostAndPort(ntfApns.developmentHost),
      ...(ntfApns.testHost === null ? {} : { apns_test: hostAndPort(ntfApns.testHost) }),
    },
    expirySeconds: secondsOf(ntfApns.expireAfter),
    roots: apnsRoots,
    limits: { connections: ntfApns.connections, requestTimeoutMs: ntfPushes.timeout },
    clock: systemClock,
    log,
  };
}

function webPushOptions({ address, ntfAddress, ntfWebPush, ntfPushes }: NtfConfig, { vapidKey, webPushRoots }: PushFiles, log: Logger): WebPushOptions | undefined {
  if (vapidKey === null) return undefined;
  const [host = 'localhost'] = [...ntfAddress.hosts, ...address.hosts];
  return {
    vapid: vapidKey,
    subject: ntfWebPush.subject ?? `https://${host}`,
    ttlSeconds: secondsOf(ntfWebPush.ttl) ?? undefined,
    allowedHosts: ntfWebPush.hosts.length === 0 ? null : ntfWebPush.hosts.flatMap((name) => [name.toLowerCase(), `*.${name.toLowerCase()}`]),
    ...(ntfWebPush.allowPrivateAddresses ? { allowAddress: () => true } : {}),
    maxOrigins: ntfWebPush.origins,
    roots: webPushRoots,
    limits: { requestTimeoutMs: ntfPushes.timeout },
    clock: systemClock,
    log,
  };
}

/** `host` or `host:port`; IPv6 in brackets. */
function hostAndPort(authority: string): { readonly host: string; readonly port: number } {
  const [, host = authority, port] = /^(.+?)(?::(\d+))?$/.exec(authority) ?? [];
  return { host, port: port === undefined ? HTTPS_PORT : Number(port) };
}

function secondsOf(ms: number | null): number | null {
  return ms === null ? null : Math.floor(ms / 1000);
}
