/** Certificates of push services on this machine, as public servers have them: P-256, with names, under a root of their own. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LocalClusterError } from '../errors.ts';
import { lookUpProgram } from '../find-program.ts';
import { openFolder } from '../temporary-folder.ts';

/** PEM. The certificate is its own root. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** For these names, such as `DNS:localhost` or `IP:127.0.0.1`; valid from now on for so many days. */
export async function testCertificate(names: readonly string[] = ['DNS:localhost', 'IP:127.0.0.1'], days = 2): Promise<TestCertificate> {
  const program = lookUpProgram('openssl');
  if (program === undefined) throw new LocalClusterError('PROGRAM', 'openssl is not there; on Debian: sudo apt-get install openssl');
  const folder = await openFolder(undefined, 'push');
  try {
    const [key, certificate] = [join(folder.path, 'key'), join(folder.path, 'certificate')];
    await promisify(execFile)(program, [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', String(days),
      '-subj', '/CN=push service of a test', '-addext', `subjectAltName=${names.join(',')}`, '-keyout', key, '-out', certificate,
    ]);
    return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') };
  } finally {
    await folder.remove();
  }
}
