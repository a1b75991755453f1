/** What an import of a relay reads besides queues: settings of the reference, right and wrong, and which file holds what. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { loadSettings } from '../src/config-options.ts';
import { mergeSettings } from '../src/importing/settings-piece.ts';
import { findOldFiles, type GivenFiles, type OldFiles } from '../src/importing/simplex/old-files.ts';
import { type OldStore, readSmpIni } from '../src/importing/simplex/smp-ini.ts';
import { vectorRelay } from './old-relay.ts';
import { newFolder } from './support.ts';

function iniOf(text: string, folder = newFolder()) {
  const path = join(folder, 'smp-server.ini');
  writeFileSync(path, text);
  return readSmpIni(path);
}

const IN_MEMORY: OldStore = { isLogged: true, queues: 'memory', messages: 'memory', savesMessages: true };

describe('settings of the reference', () => {
  it('are read as it wrote them', () => {
    const { config } = vectorRelay(newFolder(), 'smp-server-journal');
    expect(readSmpIni(join(config, 'smp-server.ini'))).toEqual({
      server: 'smp', files: [], others: ['INFORMATION.hosting_type'], needed: ['messages.expireAfter', 'notifications.expireAfter'],
      store: { ...IN_MEMORY, messages: 'journal' },
      piece: {
        address: { hosts: ['127.0.0.1'] }, listen: { ports: [16_002] }, access: { newQueues: true }, statistics: { daily: true },
        messages: { expireAfter: '21d', expireOnStart: true, expireOnSend: false }, notifications: { expireAfter: '24h' },
        inactiveClients: { disconnect: true, expireAfter: '21600s', checkInterval: '3600s' },
      },
    });
  });

  const ALL = `[INFORMATION]
source_code: https://example.org/source
usage_conditions: https://example.org/terms
condition_amendments: https://example.org/more
server_country: DE
operator: Example
operator_country: FR
website: https://example.org
admin_simplex: simplex:/contact#x
admin_email: admin@example.org
admin_pgp: https://example.org/key
admin_pgp_fingerprint: AB CD
complaints_simplex: https://simplex.chat/contact#y
complaints_email: complaints@example.org
complaints_pgp: https://example.org/key2
complaints_pgp_fingerprint: EF
hosting: Example Hosting
hosting_country: NL
hosting_type: dedicated
[STORE_LOG]
enable: on
db_connection: postgresql://smp@/smp
db_schema: smp
db_pool_size: 10
db_store_log: off
db_deleted_ttl: 1814400
restore_messages: on
expire_messages_days: 30
expire_messages_on_start: off
expire_messages_on_send: on
expire_ntfs_hours: 12
log_stats: on
prometheus_interval: 60
[AUTH]
new_queues: off
create_password: secret-word
control_port_admin_password: a
control_port_user_password: b
daily_block_queue_quota: -1
[TRANSPORT]
host: smp.example.org, abc.onion
port: 5223,443
log_tls_errors: on
accept_service_credentials: off
websockets: 8443, 8444
control_port: 5224
[PROXY]
host_mode: onion
required_host_mode: off
own_server_domains: example.org example.net
socks_proxy: me:pass-word@localhost:9150
socks_mode: always
client_concurrency: 64
[INACTIVE_CLIENTS]
disconnect: on
ttl: 600
check_interval: 60
[WEB]
static_path: /var/opt/simplex/www
http: 8000
https: 443
cert: /nowhere/web.crt
key: /nowhere/web.key
[NAMES]
enable: on
resolver_endpoint: https://example.org
`;

  it('become ours, every one that has a counterpart, and the others are named', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'web.crt'), 'a certificate\n');
    writeFileSync(join(folder, 'web.key'), 'a key\n');
    const { piece, files, others } = iniOf(ALL, folder);
    expect(piece).toEqual({
      address: { hosts: ['smp.example.org', 'abc.onion'] },
      listen: { ports: [5223], sharedPort: 443, webCertificateFile: 'web.crt', webKeyFile: 'web.key', webSocketPort: 8443 },
      access: { newQueues: false, passwordFile: 'password', dailyBlockQuota: -1, serviceCredentials: false },
      messages: { expireAfter: '30d', expireOnStart: false, expireOnSend: true }, notifications: { expireAfter: '12h' }, statistics: { daily: true },
      proxy: { hostMode: 'onion', requiredHostMode: false, socksProxy: 'localhost:9150', socksUser: 'me', socksPasswordFile: 'socks-password', socksMode: 'always', forwardsPerClient: 64, ownDomains: ['example.org', 'example.net'] },
      inactiveClients: { disconnect: true, expireAfter: '600s', checkInterval: '60s' },
      information: {
        sourceCode: 'https://example.org/source', usageConditions: 'https://example.org/terms', conditionAmendments: 'https://example.org/more', serverCountry: 'DE', operator: 'Example', operatorCountry: 'FR',
        website: 'https://example.org', adminSimplex: 'simplex:/contact#x', adminEmail: 'admin@example.org', adminPgp: 'https://example.org/key', adminPgpFingerprint: 'AB CD',
        complaintsSimplex: 'https://simplex.chat/contact#y', complaintsEmail: 'complaints@example.org', complaintsPgp: 'https://example.org/key2', complaintsPgpFingerprint: 'EF',
        hosting: 'Example Hosting', hostingCountry: 'NL', hostingType: 'dedicated',
      },
    });
    expect(files.map(({ name, content }) => [name, content])).toEqual([['web.crt', 'a certificate\n'], ['web.key', 'a key\n'], ['password', 'secret-word\n'], ['socks-password', 'pass-word\n']]);
    expect(others).toEqual([
      'TRANSPORT.websockets 8444', 'STORE_LOG.db_connection', 'STORE_LOG.db_schema', 'STORE_LOG.db_pool_size', 'STORE_LOG.db_deleted_ttl', 'STORE_LOG.prometheus_interval',
      'AUTH.control_port_admin_password', 'AUTH.control_port_user_password', 'TRANSPORT.log_tls_errors', 'TRANSPORT.control_port', 'WEB.http',
      'NAMES.enable', 'NAMES.resolver_endpoint',
    ]);
    expect(JSON.stringify(piece)).not.toContain('secret-word');
  });

  it('are settings that the relay takes', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'web.crt'), 'a certificate\n');
    writeFileSync(join(folder, 'web.key'), 'a key\n');
    const merged = mergeSettings(join(folder, 'polyplex.yaml'), folder, iniOf(ALL, folder));
    if (merged.state !== 'new') throw new RangeError('not new');
    writeFileSync(join(folder, 'polyplex.yaml'), merged.text);
    const { values } = loadSettings({ configDir: folder, set: [] });
    expect(values).toMatchObject({
      servers: { run: 'smp' }, listen: { ports: [5223], sharedPort: 443, webSocketPort: 8443 }, messages: { expireAfter: 30 * 86_400_000 }, proxy: { socksProxy: 'localhost:9150' },
      access: { passwordFile: join(folder, 'password') }, information: { operator: 'Example' }, statistics: { daily: true },
    });
  });

  it('may be few, or none', () => {
    expect(iniOf('')).toMatchObject({ piece: {}, files: [], others: [], store: { isLogged: false, queues: 'memory', messages: 'memory', savesMessages: false } });
    expect(iniOf('[STORE_LOG]\nenable = on\n').store).toEqual(IN_MEMORY);
  });

  it.each([
    ['[TRANSPORT]\nport = 5223\n', { listen: { ports: [5223] } }], ['[TRANSPORT]\nport = 443,5223\n[WEB]\nhttps = 443\n', { listen: { ports: [443, 5223] } }],
    ['[TRANSPORT]\nwebsockets = on\n', { listen: { webSocketPort: 80 } }], ['[TRANSPORT]\nwebsockets = off\n', {}], ['[INACTIVE_CLIENTS]\ndisconnect = off\nttl = 5\n', { inactiveClients: { disconnect: false } }],
    ['[PROXY]\nsocks_proxy = :9150\n', { proxy: { socksProxy: '127.0.0.1:9150' } }], ['[PROXY]\nsocks_proxy = tor\n', { proxy: { socksProxy: 'tor:9050' } }], ['[PROXY]\nsocks_proxy = [::1]:9050\n', { proxy: { socksProxy: '[::1]:9050' } }],
    ['[INFORMATION]\noperator = A\n', {}], ['[INFORMATION]\nsource_code = https://a\nserver_country = Germany\noperator = A\n', { information: { sourceCode: 'https://a', operator: 'A' } }],
  ])('%j come to what they mean', (text, piece) => {
    expect(iniOf(text).piece).toEqual(piece);
  });

  it('of the port and certificate of pages keep the address', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'web.crt'), 'a certificate\n');
    writeFileSync(join(folder, 'web.key'), 'a key\n');
    expect(iniOf(`[TRANSPORT]\nport = 443,5223\n[WEB]\nhttps = 443\ncert = ${folder}/web.crt\nkey = ${folder}/web.key\n`, folder).piece).toEqual({
      listen: { ports: [5223], sharedPort: 443, webCertificateFile: 'web.crt', webKeyFile: 'web.key' }, address: { port: 443 },
    });
  });

  it.each([['INFORMATION', 'source_code = x\noperator = A', 'INFORMATION.operator'], ['INFORMATION', 'source_code = https://a\nadmin_email = x', 'INFORMATION.admin_email'], ['WEB', 'https = 443', 'WEB.https (its certificate cannot be found)'], ['PROXY', 'socks_proxy = a:b:c', 'PROXY.socks_proxy']])('of [%s] %j are named where they cannot be taken', (section, text, name) => {
    expect(iniOf(`[${section}]\n${text}\n`).others).toContain(name);
  });

  it.each([
    ['port = 443\n', 'line 1 is neither'], ['[AUTH]\nnew_queues = yes\n', 'AUTH.new_queues is not on or off'], ['[TRANSPORT]\nport = https\n', 'TRANSPORT.port is not a list of ports'], ['[TRANSPORT]\nport = 0\n', 'TRANSPORT.port is not'],
    ['[TRANSPORT]\nwebsockets = yes\n', 'TRANSPORT.websockets is not'], ['[STORE_LOG]\nstore_messages = disk\n', 'STORE_LOG.store_messages is not memory, journal or database'], ['[STORE_LOG]\nstore_queues = journal\n', 'STORE_LOG.store_queues is not'],
    ['[STORE_LOG]\nexpire_messages_days = 3.5\n', 'STORE_LOG.expire_messages_days is not a number'], ['[AUTH]\ndaily_block_queue_quota = many\n', 'AUTH.daily_block_queue_quota is not a whole number'], ['[PROXY]\nhost_mode = any\n', 'PROXY.host_mode is not public or onion'],
  ])('with %j are refused', (text, message) => {
    expect(() => iniOf(text)).toThrow(message);
  });
});

describe('the files of a data folder', () => {
  function bench(name: 'smp-server-memory' | 'smp-server-journal' = 'smp-server-memory') {
    const { data } = vectorRelay(newFolder(), name);
    const of = (file: string): string => join(data, file);
    const told: string[] = [];
    const find = (given: Partial<GivenFiles> = {}): OldFiles | null => {
      const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0);
      try {
        return findOldFiles({ data, log: undefined, messages: undefined, notifications: undefined, store: IN_MEMORY, check: false, ...given });
      } finally {
        write.mockRestore();
      }
    };
    return { data, of, told, find, log: of('smp-server-store.log'), messages: of('smp-server-messages.log') };
  }

  it('are found by their names', () => {
    const { find, of, told, log, messages } = bench();
    expect(find()).toEqual({ log, messages: { kind: 'file', path: messages }, notifications: of('smp-server-ntfs.log'), statistics: of('smp-server-stats.log') });
    expect(find({ data: undefined })).toBeNull();
    expect(find({ data: undefined, log })).toEqual({ log, messages: null, notifications: null, statistics: null });
    expect(told).toEqual([]);
    const journal = bench('smp-server-journal');
    for (const store of [null, { ...IN_MEMORY, messages: 'journal' as const }]) expect(journal.find({ store })).toMatchObject({ messages: { kind: 'journal', path: journal.of('messages') } });
  });

  it('are refused where the log is missing, or not the whole one', () => {
    const { find, log, data, told } = bench();
    writeFileSync(`${log}.bak`, '');
    expect(find()).not.toBeNull();
    expect(told).toEqual([expect.stringContaining(`${log}.bak is not read`)]);
    writeFileSync(`${log}.start`, '');
    expect(find).toThrow(`import with --log ${log}.start`);
    expect(find({ log: `${log}.start` })).toMatchObject({ log: `${log}.start` });
    rmSync(`${log}.start`);
    rmSync(log);
    expect(find).toThrow('write them to the log by "smp-server database export"');
    rmSync(`${log}.bak`);
    expect(find).toThrow('it is smp-server-store.log in the data folder');
    expect(() => find({ store: { ...IN_MEMORY, isLogged: false } })).toThrow('STORE_LOG.enable is off: the old server keeps its queues in memory alone');
    expect(() => find({ data: `${data}x` })).toThrow('is no folder');
    expect(() => find({ data: undefined, messages: log })).toThrow('need --log or --old-data');
  });

  it('are refused where they are in PostgreSQL, with the command that exports them', () => {
    const { find, told, log, messages } = bench();
    const store: OldStore = { ...IN_MEMORY, queues: 'database', messages: 'database' };
    expect(find({ store })).toMatchObject({ log, messages: { path: messages } });
    expect(told).toEqual([expect.stringContaining('queues in PostgreSQL: see that'), expect.stringContaining('messages in PostgreSQL: see that')]);
    renameSync(messages, `${messages}.gone`);
    expect(() => find({ store })).toThrow('keeps its messages in PostgreSQL: write them to it by "smp-server database export", or go without');
    expect(find({ store, messages: '/dev/null' })).toMatchObject({ messages: { kind: 'file', path: '/dev/null' } });
    rmSync(log);
    expect(() => find({ store })).toThrow('keeps its queues in PostgreSQL: write them to the log by "smp-server database export"');
  });

  it('are refused where messages were not saved', () => {
    const { find, told, messages } = bench();
    renameSync(messages, `${messages}.bak`);
    expect(find).toThrow('Stop it by SIGINT');
    expect(find({ messages: `${messages}.bak` })).toMatchObject({ messages: { path: `${messages}.bak` } });
    expect(told).toEqual([]);
    expect(find({ check: true })).toMatchObject({ messages: null });
    expect(find({ store: { ...IN_MEMORY, savesMessages: false } })).toMatchObject({ messages: null });
    rmSync(`${messages}.bak`);
    expect(find()).toMatchObject({ messages: null });
    expect(told).toEqual([expect.stringContaining('writes it when it is stopped'), expect.stringContaining('no messages are imported'), expect.stringContaining('no messages are imported')]);
    expect(() => find({ messages: `${messages}.gone` })).toThrow('is not there');
    expect(() => find({ notifications: `${messages}.gone` })).toThrow('is not there');
  });

  it('are refused where messages are in two places, and nothing says in which', () => {
    const { find, told, of, messages } = bench('smp-server-journal');
    writeFileSync(messages, '');
    expect(() => find({ store: null })).toThrow('say which one by --messages');
    expect(find({ store: null, messages: of('messages') })).toMatchObject({ messages: { kind: 'journal' } });
    expect(find({ store: { ...IN_MEMORY, messages: 'journal' } })).toMatchObject({ messages: { kind: 'journal' } });
    expect(find()).toMatchObject({ messages: { kind: 'file', path: messages } });
    rmSync(of('messages'), { recursive: true });
    expect(find({ store: { ...IN_MEMORY, messages: 'journal' } })).toMatchObject({ messages: null });
    expect(told).toEqual([expect.stringContaining('messages is not read'), expect.stringContaining('has no messages')]);
  });
});
