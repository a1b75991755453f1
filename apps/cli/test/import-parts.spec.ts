/** What the import reads besides files: settings and identities of the reference, right and wrong. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toBase64Url } from '@polyplex/base';
import { describe, expect, it } from 'vitest';
import { missingFiles, readOldIdentity, takeOver } from '../src/importing/old-identity.ts';
import { readXftpIni } from '../src/importing/xftp-ini.ts';
import { contentOf, newFolder } from './support.ts';

const CFG = fileURLToPath(new URL('vectors/xftp-server/cfg', import.meta.url));

function iniOf(text: string) {
  const path = join(newFolder(), 'file-server.ini');
  writeFileSync(path, text);
  return readXftpIni(path);
}

describe('settings of the reference', () => {
  it('are read as it wrote them', () => {
    expect(readXftpIni(join(CFG, 'file-server.ini'))).toEqual({
      piece: {
        xftpAddress: { hosts: ['127.0.0.1'] }, xftpStorage: { quota: '10GiB' }, xftpListen: { ports: [16_003] }, xftpAccess: { newFiles: true, open: true },
        xftpFiles: { expireAfter: '48h' }, xftpInactiveClients: { disconnect: false }, statistics: { daily: true },
      },
      password: null, filesFolder: '/srv/xftp/files', isInDatabase: false, others: [],
    });
  });

  it('may be few, commented out, in the other form, or in a database', () => {
    expect(iniOf('')).toEqual({ piece: { xftpAccess: { open: true } }, password: null, filesFolder: null, isInDatabase: false, others: [] });
    expect(iniOf('# x\r\n[TRANSPORT]\r\nhost: a.example.org, b.onion\r\n# port: 1\r\n[STORE_LOG]\r\nstore_files = database\r\ndb_schema = x\r\n[AUTH]\r\ncreate_password = a=b\r\ncontrol_port_admin_password = y\r\n')).toEqual({
      piece: { xftpAddress: { hosts: ['a.example.org', 'b.onion'] }, xftpAccess: { passwordFile: 'xftp/password' } },
      password: 'a=b', filesFolder: null, isInDatabase: true, others: ['STORE_LOG.db_schema', 'AUTH.control_port_admin_password'],
    });
  });

  it.each([['0gb', '0'], ['1', '1B'], ['64kb', '64KiB'], ['1536mb', '1.5GiB'], ['2048gb', '2TiB']])('of the quota %s', (quota, size) => {
    expect(iniOf(`[FILES]\nstorage_quota = ${quota}\n`).piece['xftpStorage']).toEqual({ quota: size });
  });

  it.each([
    ['port = 443\n', 'line 1 is neither'], ['[AUTH]\n\nnew_files\n', 'line 3 is neither'], ['[AUTH]\nnew_files = yes\n', 'AUTH.new_files is not on or off'],
    ['[INACTIVE_CLIENTS]\ndisconnect = 1\n', 'INACTIVE_CLIENTS.disconnect is not on or off'], ['[FILES]\nstorage_quota = 10 GB\n', 'FILES.storage_quota is not a size'],
    ['[FILES]\nstorage_quota = 999999999999gb\n', 'FILES.storage_quota is not a size'], ['[TRANSPORT]\nport = https\n', 'TRANSPORT.port is not a number'],
    ['[STORE_LOG]\nexpire_files_hours = -1\n', 'STORE_LOG.expire_files_hours is not a number'],
  ])('with %j are refused', (text, message) => {
    expect(() => iniOf(text)).toThrow(message);
  });
});

describe('an identity of the reference', () => {
  const pem = (name: string): string => readFileSync(join(CFG, name), 'utf8');
  const copy = (changes: Readonly<Record<string, string | null>> = {}): string => {
    const folder = newFolder();
    for (const name of ['ca.crt', 'ca.key', 'server.crt', 'server.key', 'fingerprint']) {
      const content = changes[name] === undefined ? pem(name) : changes[name];
      if (content !== null) writeFileSync(join(folder, name), content);
    }
    return folder;
  };

  it.each<[string, Record<string, string | null>, string]>([
    ['without its key', { 'server.key': null }, 'server.key cannot be read'], ['with another key', { 'server.key': pem('ca.key') }, 'cannot be used'],
    ['with another CA key', { 'ca.key': pem('server.key') }, 'is not the key of ca.crt'], ['with no CA key', { 'ca.key': 'nothing' }, 'is not the key of ca.crt'],
    ['of another server', { fingerprint: `${'A'.repeat(43)}=\n` }, 'files of two servers'], ['without a fingerprint', { fingerprint: null }, 'fingerprint cannot be read'],
    ['with no fingerprint', { fingerprint: '?' }, 'files of two servers'], ['with no CA certificate', { 'ca.crt': 'nothing' }, 'cannot be used'],
  ])('%s is refused', (_, changes, message) => {
    expect(() => readOldIdentity(copy(changes))).toThrow(message);
  });

  it('is taken over, what is missing by and by, and no file twice', () => {
    const [all, withoutCaKey] = [readOldIdentity(copy()), readOldIdentity(copy({ 'ca.key': null }))];
    const target = join(newFolder(), 'xftp');
    expect(missingFiles(all, target, 'file server')).toEqual(['fingerprint', 'ca/ca.crt', 'ca/README.txt', 'ca/ca.key', 'server.key', 'server.crt']);
    expect(existsSync(target)).toBe(false);
    expect(takeOver(withoutCaKey, target, 'file server')).toEqual(['fingerprint', 'ca/ca.crt', 'server.key', 'server.crt']);
    expect(takeOver(all, target, 'file server')).toEqual(['ca/README.txt', 'ca/ca.key']);
    expect(takeOver(all, target, 'file server')).toEqual([]);
    expect(readFileSync(join(target, 'fingerprint'), 'utf8')).toBe(`${toBase64Url(all.fingerprint)}\n`);
    expect(readFileSync(join(target, 'server.crt'), 'utf8')).toBe(pem('server.crt') + pem('ca.crt'));
  });

  it('is not mixed with another one, but may have a newer certificate', () => {
    const old = readOldIdentity(copy());
    const target = join(newFolder(), 'xftp');
    mkdirSync(target);
    writeFileSync(join(target, 'server.key'), 'another');
    expect(() => takeOver(old, target, 'file server')).toThrow('holds another identity, or part of one (server.key)');
    expect(contentOf(target)).toEqual({ [join(target, 'server.key')]: 'another' });
    const own = join(newFolder(), 'xftp');
    takeOver(old, own, 'file server');
    writeFileSync(join(own, 'server.key'), 'newer');
    writeFileSync(join(own, 'server.crt'), 'newer');
    expect(takeOver(old, own, 'file server')).toEqual([]);
    writeFileSync(join(own, 'fingerprint'), `${'A'.repeat(43)}=\n`);
    expect(() => takeOver(old, own, 'file server')).toThrow('holds another identity');
  });
});
