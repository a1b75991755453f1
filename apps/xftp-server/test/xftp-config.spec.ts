/** The file server's own configuration: its defaults, and the rules between settings. */
import { type ConfigError, loadConfig } from '@polyplex/config';
import { DEFAULT_OPTIONS } from '@polyplex/server-xftp';
import { DEFAULT_HTTP_LIMITS } from '@polyplex/transport-http2';
import { DEFAULT_LIMITS } from '@polyplex/transport-tls';
import { describe, expect, it } from 'vitest';
import { serverOptions, type XftpConfig, xftpConfig } from '../src/index.ts';

function load(...flags: readonly string[]): XftpConfig {
  return { ...loadConfig(xftpConfig, { folder: '/etc/polyplex', flags }).values, access: { passwordFile: null } };
}

describe('defaults', () => {
  it('are those of the file server and of the listener', () => {
    const values = load();
    expect(serverOptions(values, null)).toEqual(DEFAULT_OPTIONS);
    expect(values.xftpLimits).toMatchObject({
      connections: DEFAULT_LIMITS.connections, requests: DEFAULT_HTTP_LIMITS.requests, requestsPerAddress: DEFAULT_HTTP_LIMITS.requestsPerAddress,
      stallTimeout: DEFAULT_HTTP_LIMITS.stallTimeoutMs, firstRequestTimeout: DEFAULT_HTTP_LIMITS.firstRequestTimeoutMs,
    });
  });

  it('keep out of the relay\'s way, and of the disk\'s last room', () => {
    const values = load();
    expect(values.xftpListen.ports).toEqual([5443]);
    expect(values.xftpAdmin).toEqual({ host: '127.0.0.1', port: 8180, nodeName: null, tokenFile: null, readerTokenFile: null, auditFile: null });
    expect(values.xftpIdentity).toEqual({ certificateFile: '/etc/polyplex/xftp/server.crt', keyFile: '/etc/polyplex/xftp/server.key', caCertificateFile: null });
    expect(values.xftpStorage).toMatchObject({ engine: 'embedded', dataDir: null, quota: null, reserve: 2 * 1024 ** 3 });
  });
});

it('every option of the file server follows its setting', () => {
  const changed = load(
    'xftpAccess.newFiles=off', 'xftpLimits.newFilesPerMinute=2', 'xftpLimits.newFilesPerMinutePerAddress=3', 'xftpStorage.quota=4MiB', 'xftpFiles.expireAfter=5h',
    'xftpFiles.expiryInterval=6s', 'xftpFiles.leftBodiesInterval=7s', 'xftpFiles.strayBodiesInterval=8h', 'xftpLimits.commandTimeout=9s',
    'xftpLimits.uploadTimeout=10s', 'xftpLimits.uploads=11', 'xftpLimits.downloads=12', 'xftpLimits.transfersPerAddress=13', 'xftpLimits.transfersPerConnection=14',
    'xftpInactiveClients.disconnect=off', 'xftpInactiveClients.checkInterval=15s', 'shutdown.drainTimeout=16s', 'xftpLimits.drainTransfers=17s',
    'xftpStorage.engine=redis-s3', 'redis.urls=redis://a:1', 's3.bucket=files', 's3.accessKeyId=me', 's3.secretAccessKeyFile=/x',
  );
  const options = serverOptions(changed, 'secret');
  expect(Object.entries(options).filter(([key, value]) => value === DEFAULT_OPTIONS[key as keyof typeof DEFAULT_OPTIONS])).toEqual([]);
  expect(options).toMatchObject({ inactiveTtlMs: 0, quota: 4 * 1024 * 1024 });
});

const NETWORK = ['xftpStorage.engine=redis-s3', 'redis.urls=redis://a:1', 's3.bucket=files', 's3.accessKeyId=me', 's3.secretAccessKeyFile=/x'];

describe('rules between settings', () => {
  it.each([
    ['address.hosts', ['address.hosts=']],
    ['xftpListen.ports', ['xftpListen.ports=']],
    ['xftpListen.ports', ['xftpListen.ports=443,443']],
    ['xftpListen.ports', ['xftpListen.ports=8180']],
    ['xftpListen.webCertificateFile', ['xftpListen.webKeyFile=/y']],
    ['xftpListen.proxyProtocol', ['xftpListen.proxyProtocol=on']],
    ['xftpAdmin.tokenFile', ['xftpAdmin.host=::']],
    ['xftpAdmin.readerTokenFile', ['xftpAdmin.readerTokenFile=/x']],
    ['redis.urls', [...NETWORK, 'redis.urls=']],
    ['s3.bucket', [...NETWORK, 's3.bucket=']],
    ['s3.accessKeyId', [...NETWORK, 's3.accessKeyId=']],
    ['s3.secretAccessKeyFile', [...NETWORK, 's3.secretAccessKeyFile=']],
    ['xftpStorage.redisPrefix', [...NETWORK, 'redis.prefix=xftp']],
    ['information.sourceCode', ['information.operator=Me']],
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
    [['xftpListen.ports=0,0', 'xftpAdmin.port=0']],
    [['address.hosts=', 'xftpAddress.hosts=files.example.org']],
    [['xftpStorage.quota=off', 'xftpStorage.reserve=0']],
    [NETWORK],
    [['s3.endpoint=http://127.0.0.1:9000', 's3.prefix=a/b', 's3.pathStyle=off']],
    [['redis.prefix=xftp']],
  ])('%j is allowed', (flags) => {
    expect(() => load(...flags)).not.toThrow();
  });

  it.each([
    ['s3.endpoint=127.0.0.1:9000'], ['s3.endpoint=https://key:secret@host'], ['s3.endpoint=https://host/path'], ['s3.bucket=My_Bucket'], ['s3.prefix=a/'],
    ['s3.prefix=/absolute'], ['xftpStorage.quota=1'], ['xftpStorage.engine=s3'], ['xftpFiles.expireAfter=5m'], ['xftpStorage.redisPrefix=a:b'],
  ])('%s is no such thing', (flag) => {
    expect(() => load(flag)).toThrow(/ is not /);
  });
});
