/** `polyplex check` by its exit code, against servers that are not as they should be. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { toBase64Url } from '@polyplex/base';
import { fingerprintOf } from '@polyplex/crypto';
import { issueCa, issueServerCertificate, listenTls, readCredentials } from '@polyplex/transport-tls';
import { describe, expect, it } from 'vitest';
import { newFolder, polyplex } from './support.ts';

const FINGERPRINT = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const LONG_AGO = Date.now() - 9 * 86_400_000;
const HAS_IPV6 = Object.values(networkInterfaces()).flat().some((each) => each?.address === '::1');

function run(...args: readonly string[]) {
  return polyplex(newFolder(), ['check', '--timeout', '5', ...args]);
}

describe('check', () => {
  it('does not call an expired certificate another server', async () => {
    const ca = issueCa({ algorithm: 'ed25519', now: LONG_AGO });
    const leaf = issueServerCertificate({ ca, commonName: 'x', algorithm: 'ed25519', days: 1, now: LONG_AGO });
    const smp = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key, now: LONG_AGO });
    const listener = await listenTls({ endpoints: [{ kind: 'smp', host: '127.0.0.1', port: 0 }], credentials: { smp }, onConnection: () => undefined });
    const { code, stdout } = await run(`smp://${toBase64Url(fingerprintOf(smp.chain)!)}@127.0.0.1:${listener.endpoints[0]!.port}`);
    await listener.close();
    expect([code, stdout]).toEqual([1, expect.stringContaining('expired')]);
  });

  it('does not call a server of another kind unreachable', async () => {
    const other = createServer((socket) => socket.end('220 mail.example.org\r\n')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, stdout } = await run(`smp://${FINGERPRINT}@127.0.0.1:${port}`);
    other.close();
    expect([code, stdout]).toEqual([1, expect.stringContaining('does not speak TLS')]);
  });

  it.each([['localhost:abc'], ['::1'], ['[::1'], ['localhost:0'], [':9050']])('refuses %s as SOCKS proxy', async (socks) => {
    expect(await run('--socks', socks, `smp://${FINGERPRINT}@127.0.0.1:1`)).toMatchObject({ code: 2, stderr: expect.stringContaining('host:port') });
  });

  it.runIf(HAS_IPV6)('connects through a SOCKS proxy at an IPv6 address', async () => {
    const proxy = createServer((socket) => socket.end()).listen(0, '::1');
    await once(proxy, 'listening');
    const asked = once(proxy, 'connection');
    const { port } = proxy.address() as { port: number };
    const { code } = await run('--socks', `[::1]:${port}`, `smp://${FINGERPRINT}@${'a'.repeat(56)}.onion`);
    await asked;
    proxy.close();
    expect(code).toBe(3);
  });

  it('takes no timeout that no timer can hold', async () => {
    expect((await run('--timeout', '1e9', `smp://${FINGERPRINT}@127.0.0.1:1`)).code).toBe(2);
  });
});
