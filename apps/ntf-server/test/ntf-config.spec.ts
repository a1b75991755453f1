/** The push proxy's own configuration: its defaults, and the rules between settings. */
import { type ConfigError, loadConfig } from '@polyplex/config';
import { DEFAULT_NTF_OPTIONS, DEFAULT_PUSHING_OPTIONS, DEFAULT_RELAY_OPTIONS } from '@polyplex/server-ntf';
import { describe, expect, it } from 'vitest';
import { pushingOptions, relaySideOptions } from '../src/config/part-options.ts';
import { serverOptions } from '../src/config/server-options.ts';
import { type NtfConfig, ntfConfig } from '../src/index.ts';

function load(...flags: readonly string[]): NtfConfig {
  return loadConfig(ntfConfig, { folder: '/etc/polyplex', flags }).values;
}

const APPLE = ['ntfApns.keyFile=/k', 'ntfApns.keyId=ABCDE12345', 'ntfApns.teamId=FGHIJ67890', 'ntfApns.topic=org.example.chat'];

describe('defaults', () => {
  it('are those of the parts, but that Apple needs a key', () => {
    const values = load();
    expect(serverOptions(values)).toEqual({ ...DEFAULT_NTF_OPTIONS, providers: ['apns_null', 'webpush'] });
    expect(pushingOptions(values)).toMatchObject({ ...DEFAULT_PUSHING_OPTIONS, leaseMs: expect.any(Number), pushMs: expect.any(Number) });
    expect(relaySideOptions(values, { leaseMs: DEFAULT_RELAY_OPTIONS.pushLeaseMs })).toEqual(DEFAULT_RELAY_OPTIONS);
  });

  it('keep out of the other servers\' way', () => {
    const values = load();
    expect(values.ntfListen.ports).toEqual([5643]);
    expect(values.ntfAdmin).toEqual({ host: '127.0.0.1', port: 8280, nodeName: null, tokenFile: null, readerTokenFile: null, auditFile: null });
    expect(values.ntfIdentity).toEqual({ certificateFile: '/etc/polyplex/ntf/server.crt', keyFile: '/etc/polyplex/ntf/server.key', caCertificateFile: null });
    expect([values.ntfWebPush.keyFile, values.ntfRelays.serviceKeyFile]).toEqual(['/etc/polyplex/ntf/vapid.key', '/etc/polyplex/ntf/services.key']);
  });

  it('let nobody choose addresses of this network', () => {
    const { ntfRelays, ntfWebPush } = load();
    expect([ntfRelays.allowPrivateAddresses, ntfWebPush.allowPrivateAddresses]).toEqual([false, false]);
  });
});

it('a push may take two requests and a connection, and a lease is longer by what a device may spend in line', () => {
  const { pushMs, leaseMs } = pushingOptions(load('ntfPushes.timeout=40s'));
  expect(pushMs).toBeGreaterThanOrEqual(2 * 40_000);
  expect(leaseMs - pushMs).toBeGreaterThanOrEqual(30_000);
});

describe('who may register', () => {
  it.each([
    [[], ['apns_null', 'webpush']],
    [['ntfWebPush.enabled=off'], ['apns_null']],
    [APPLE, ['apns_null', 'apns_prod', 'apns_dev', 'webpush']],
    [[...APPLE, 'ntfApns.testHost=localhost:6010'], ['apns_null', 'apns_prod', 'apns_dev', 'apns_test', 'webpush']],
  ])('with %j: %j', (flags, providers) => {
    expect(serverOptions(load(...flags)).providers).toEqual(providers);
  });
});

it('every option follows its setting', () => {
  const changed = load(
    ...APPLE, 'ntfAccess.newTokens=off', 'ntfLimits.handshakeTimeout=2s', 'ntfLimits.commandsInFlight=3', 'ntfLimits.newTokensPerMinute=4', 'ntfLimits.newTokensPerMinutePerAddress=5',
    'ntfLimits.newSubscriptionsPerMinutePerAddress=6', 'ntfWebPush.hosts=ntfy.example.org', 'ntfInactiveClients.disconnect=off', 'ntfInactiveClients.checkInterval=7s', 'shutdown.drainTimeout=8s',
  );
  const options = serverOptions(changed);
  expect(Object.entries(options).filter(([key, value]) => value === DEFAULT_NTF_OPTIONS[key as keyof typeof DEFAULT_NTF_OPTIONS])).toEqual([]);
  expect(options).toMatchObject({ inactiveTtlMs: 0, pushHosts: ['ntfy.example.org'] });
  const pushing = pushingOptions(load('ntfPushes.queue=100', 'ntfPushes.concurrency=9', 'ntfPushes.webConcurrency=10', 'ntfPushes.giveUpAfter=1h', 'ntfPushes.pollInterval=5s', 'ntfApns.paddedLength=2912', 'ntfWebPush.paddedLength=2000'));
  expect(pushing).toMatchObject({
    apns: { inFlight: 9, familyQueued: 100, queued: 50 }, webPush: { inFlight: 10, familyQueued: 50, queued: 50 },
    giveUpAfterMs: 3_600_000, pollMs: 5000, apnsPaddedBytes: 2912, webPushPaddedBytes: 2000,
  });
  const relays = relaySideOptions(load('ntfRelays.ownDomains=example.org', 'ntfRelays.relays=11', 'ntfRelays.lease=8s', 'ntfRelays.probeInterval=0', 'ntfRelays.suspectAfter=2h'), pushing);
  expect(relays).toMatchObject({
    ownDomains: ['example.org'], maxRelays: 11, claimLeaseMs: 8000, claimIntervalMs: 2000, probeIntervalMs: 0, serviceProbeIntervalMs: 0, unreachableAfterMs: 7_200_000, pushLeaseMs: pushing.leaseMs,
  });
});

const REDIS = ['ntfStorage.engine=redis', 'redis.urls=redis://a:1'];

describe('rules between settings', () => {
  it.each([
    ['address.hosts', ['address.hosts=']],
    ['ntfListen.ports', ['ntfListen.ports=']],
    ['ntfListen.ports', ['ntfListen.ports=443,443']],
    ['ntfListen.ports', ['ntfListen.ports=8280']],
    ['ntfListen.proxyProtocol', ['ntfListen.proxyProtocol=on']],
    ['ntfAdmin.tokenFile', ['ntfAdmin.host=::']],
    ['ntfAdmin.readerTokenFile', ['ntfAdmin.readerTokenFile=/x']],
    ['redis.urls', [...REDIS, 'redis.urls=']],
    ['ntfStorage.redisPrefix', [...REDIS, 'redis.prefix=ntf']],
    ['ntfApns.keyId', [...APPLE, 'ntfApns.keyId=']],
    ['ntfApns.teamId', [...APPLE, 'ntfApns.teamId=']],
    ['ntfApns.topic', [...APPLE, 'ntfApns.topic=']],
    ['ntfApns.testHost', ['ntfApns.testHost=localhost:1']],
    ['ntfRelays.socksProxy', ['ntfRelays.hostMode=onion', 'ntfRelays.requiredHostMode=on']],
    ['ntfRelays.socksUser', ['ntfRelays.socksUser=me']],
  ])('%s: %j is refused', (setting, flags) => {
    try {
      load(...flags);
    } catch (error) {
      expect((error as ConfigError).problems.map((problem) => problem.setting)).toEqual([setting]);
      return;
    }
    expect.unreachable('it was accepted');
  });

  it.each([
    [['ntfListen.ports=0,0', 'ntfAdmin.port=0']],
    [['address.hosts=', 'ntfAddress.hosts=push.example.org']],
    [REDIS],
    [[...APPLE, 'ntfApns.expireAfter=0', 'ntfApns.productionHost=[::1]:443']],
    [['ntfWebPush.subject=mailto:me@example.org']],
  ])('%j is allowed', (flags) => {
    expect(() => load(...flags)).not.toThrow();
  });

  it.each([
    ['ntfApns.keyId=short'], ['ntfApns.topic=not a topic'], ['ntfApns.productionHost=https://api.push.apple.com'], ['ntfApns.productionHost=host:99999'], ['ntfApns.paddedLength=4000'],
    ['ntfWebPush.subject=me@example.org'], ['ntfWebPush.paddedLength=3072'], ['ntfWebPush.hosts=https://ntfy.sh'], ['ntfRelays.socksProxy=nowhere'], ['ntfStorage.redisPrefix=a:b'],
  ])('%s is no such thing', (flag) => {
    expect(() => load(flag)).toThrow(/ is not /);
  });
});
