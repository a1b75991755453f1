/** The relay's own configuration: its defaults, and the rules between settings. */
import { type ConfigError, loadConfig } from '@polyplex/config';
import { DEFAULT_OPTIONS } from '@polyplex/server-smp';
import { DEFAULT_LIMITS } from '@polyplex/transport-tls';
import { describe, expect, it } from 'vitest';
import { serverOptions, smpConfig } from '../src/index.ts';

function load(...flags: readonly string[]) {
  return loadConfig(smpConfig, { folder: '/etc/polyplex', flags });
}

describe('defaults', () => {
  it('are those of the relay and of the listener', () => {
    const { values } = load();
    expect(serverOptions(values, null)).toEqual(DEFAULT_OPTIONS);
    expect(values.limits).toMatchObject({ connections: DEFAULT_LIMITS.connections, newConnectionsPerMinutePerAddress: DEFAULT_LIMITS.newPerMinutePerAddress });
  });

  it('listen on the port of the protocol, and for administration on the loopback', () => {
    const { values } = load();
    expect(values.listen.ports).toEqual([5223]);
    expect(values.admin).toEqual({ host: '127.0.0.1', port: 8080, nodeName: null, tokenFile: null, readerTokenFile: null, auditFile: null });
    expect(values.proxy).toMatchObject({ allowedPorts: [5223, 443], allowPrivateAddresses: false });
  });
});

it('every option of the relay follows its setting', () => {
  const changed = load(
    'limits.handshakeTimeout=2s', 'limits.commandsInFlight=2', 'access.newQueues=off', 'limits.newQueuesPerMinute=2', 'limits.newQueuesPerMinutePerAddress=3',
    'messages.quota=4', 'messages.expireAfter=2d', 'messages.expiryInterval=3s', 'messages.expireOnStart=off', 'messages.expireOnSend=on',
    'notifications.expireAfter=2h', 'notifications.expiryInterval=4s', 'notifications.interval=5s', 'inactiveClients.disconnect=off',
    'inactiveClients.checkInterval=6s', 'access.serviceCredentials=off', 'limits.serviceRecords=7', 'proxy.enabled=off', 'proxy.connectTimeout=8s',
    'proxy.commandTimeout=9s', 'proxy.failureMemory=10s', 'proxy.relays=11', 'proxy.forwardsPerClient=12', 'proxy.forwardsPerRelay=13', 'shutdown.drainTimeout=14s',
  );
  const { proxy, ...options } = serverOptions(changed.values, 'secret');
  const same = [...Object.entries(options), ...Object.entries(proxy)].filter(([key, value]) => {
    return value === { ...DEFAULT_OPTIONS, ...DEFAULT_OPTIONS.proxy }[key as keyof typeof DEFAULT_OPTIONS];
  });
  expect(same).toEqual([]);
  expect(options.inactiveTtlMs).toBe(0);
});

describe('rules between settings', () => {
  it.each([
    ['address.hosts', ['address.hosts=']],
    ['listen.ports', ['listen.ports=']],
    ['listen.ports', ['listen.ports=5223,5223']],
    ['listen.ports', ['listen.ports=8080']],
    ['listen.ports', ['listen.sharedPort=5223']],
    ['listen.webCertificateFile', ['listen.webCertificateFile=/x']],
    ['listen.webCertificateFile', ['listen.webCertificateFile=/x', 'listen.webKeyFile=/y']],
    ['listen.webSockets', ['listen.webSockets=on']],
    ['listen.proxyProtocol', ['listen.proxyProtocol=on']],
    ['admin.tokenFile', ['admin.host=0.0.0.0']],
    ['admin.tokenFile', ['admin.host=::']],
    ['admin.readerTokenFile', ['admin.readerTokenFile=/x']],
    ['proxy.socksProxy', ['proxy.hostMode=onion', 'proxy.requiredHostMode=on']],
    ['proxy.socksUser', ['proxy.socksUser=me']],
    ['information.sourceCode', ['information.operator=Me']],
  ])('%s: %j is refused', (setting, flags) => {
    expect(() => load(...flags)).toThrow(expect.objectContaining({ name: 'ConfigError' }));
    try {
      load(...flags);
    } catch (error) {
      expect((error as ConfigError).problems.map((problem) => problem.setting)).toEqual([setting]);
    }
  });

  it.each([
    [['listen.ports=', 'listen.sharedPort=443']],
    [['listen.ports=0,0', 'admin.port=0']],
    [['admin.host=0.0.0.0', 'admin.tokenFile=/x']],
    [['admin.host=127.1.2.3']],
    [['listen.host=']],
    [['listen.host=::1']],
    [['listen.host=fe80::1%eth0', 'admin.host=localhost']],
    [['listen.host=relay-1.example.org']],
    [['listen.sharedPort=443', 'listen.webCertificateFile=/x', 'listen.webKeyFile=/y']],
    [['listen.proxyProtocol=on', 'listen.trustedProxies=10.0.0.0/8,192.0.2.1,::1,2001:db8::/32,0.0.0.0/0']],
    [['proxy.socksProxy=[::1]:9050', 'proxy.hostMode=onion', 'proxy.requiredHostMode=on']],
    [['address.hosts=smp.example.org,abc.onion', 'information.sourceCode=https://x.org', 'information.operator=Me']],
  ])('%j is allowed', (flags) => {
    expect(() => load(...flags)).not.toThrow();
  });

  it.each([
    ['address.hosts=no host'], ['proxy.socksProxy=localhost'], ['proxy.socksProxy=localhost:0'], ['information.website=javascript:alert(1)'],
    ['information.adminEmail=nobody'], ['information.hostingCountry=Germany'], ['information.hostingType=cloud'], ['listen.trustedProxies=lb.example.org'],
  ])('%s is no such thing', (flag) => {
    expect(() => load(flag, 'information.sourceCode=https://x.org')).toThrow(/ is not /);
  });
});
