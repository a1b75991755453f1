/** SMP §2.1, §2.5: no session is ever resumed, on either version of TLS, and nothing is renegotiated. */
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { BlockConnection } from '@polyplex/protocol-common';
import { expect, it } from 'vitest';
import { STRICT_PARAMETERS } from '../src/tls-parameters.ts';
import { openssl, temporaryFolder } from './openssl.ts';
import { block, cleanup, IDENTITY, listen, tlsPeer } from './support.ts';

const VERSIONS = [
  { flag: '-tls1_2', version: 'TLSv1.2' },
  { flag: '-tls1_3', version: 'TLSv1.3' },
] as const;

/** Sends a block, so that a client reads what tickets there are, and closes. */
function greet(connection: BlockConnection): void {
  connection.start({ block() {}, drained() {}, closed() {} });
  connection.write(block(1));
  connection.close('local');
}

/** Connects twice with openssl, the second time with the session of the first; answers what it said the second time. */
async function connectAgain(port: number, flag: string): Promise<string> {
  const folder = await temporaryFolder();
  const session = join(folder, 'session.pem');
  const connect = ['s_client', '-connect', `127.0.0.1:${port}`, flag, '-noservername'];
  expect(await openssl([...connect, '-sess_out', session])).toContain('New, TLSv1.');
  return openssl([...connect, '-sess_in', session]);
}

it.each(VERSIONS)('openssl cannot resume a $version session', async ({ flag }) => {
  const sessionIds: string[] = [];
  const { port } = await listen({
    onConnection: (connection) => {
      sessionIds.push(Buffer.from(connection.sessionId).toString('hex'));
      greet(connection);
    },
  });
  const said = await connectAgain(port, flag);
  expect(said).toContain('New, TLSv1.');
  expect(said).not.toContain('Reused');
  expect(new Set(sessionIds).size).toBe(2);
});

it.each(VERSIONS)('the same openssl does resume a $version session of a server that allows it', async ({ flag }) => {
  const { secureOptions: _none, ...parameters } = STRICT_PARAMETERS;
  const { certificate: cert, key } = IDENTITY.credentials.pem;
  const server = createServer({ ...parameters, cert, key }, (socket) => socket.on('error', () => {}).end('x'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup(() => new Promise((resolve) => server.close(resolve)));
  expect(await connectAgain((server.address() as AddressInfo).port, flag)).toContain('Reused');
});

it.each(VERSIONS)('node cannot resume a $version session', async ({ version }) => {
  const { port } = await listen({ onConnection: greet });
  const first = await tlsPeer(port, { maxVersion: version, minVersion: version });
  const sessions: Buffer[] = [first.getSession()!];
  first.on('session', (session) => sessions.push(session));
  first.resume();
  await new Promise((resolve) => first.once('close', resolve));
  for (const session of sessions) {
    const again = await tlsPeer(port, { maxVersion: version, minVersion: version, session });
    expect(again.isSessionReused()).toBe(false);
  }
});

it('a client cannot renegotiate', async () => {
  const closed: string[] = [];
  const { port } = await listen({
    onConnection: (connection) => connection.start({ block() {}, drained() {}, closed: (reason) => closed.push(reason) }),
  });
  const said = await openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2', '-noservername'], ['R', 'Q']);
  expect(said).toContain('RENEGOTIATING');
  expect(said).toMatch(/no renegotiation/i);
});
