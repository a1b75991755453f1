/** A server that goes while a client is writing to it: the client learns of it, whatever Node makes of the connection. */
import { expect, it } from 'vitest';
import { SECOND } from '@polyplex/base';
import { createFakeClock } from '@polyplex/testing';
import { issueCa, issueServerCertificate, readCredentials } from '@polyplex/transport-tls';
import { dialHttp2, listenHttp2 } from '../src/index.ts';

it('ends the requests of a connection that is gone', async () => {
  const ca = issueCa({ algorithm: 'ed25519' });
  const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519' });
  const xftp = readCredentials({ certificatePem: leaf.certificate + ca.certificate, keyPem: leaf.key });
  const listener = await listenHttp2({
    endpoints: [{ host: '127.0.0.1', port: 0 }],
    credentials: { xftp },
    onConnection: (connection) => connection.start({
      request: async (request) => {
        for await (const piece of request.body) expect(piece.length).toBeGreaterThan(0);
      },
      closed: () => undefined,
    }),
  });
  const clock = createFakeClock();
  const connection = await dialHttp2({ host: '127.0.0.1', port: listener.endpoints[0]!.port, fingerprint: null, clock });
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 16; i++) {
      if (i === 3) for (const each of listener.connections) each.destroy('local');
      yield await Promise.resolve(new Uint8Array(65_536));
    }
  }
  const requested = connection.request({ body: body() }).catch((error: unknown) => error);
  while (connection.open) await new Promise((resolve) => setTimeout(resolve, 5));
  for (let i = 0; i < 20; i++) {
    clock.advance(SECOND);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await requested).toMatchObject({ code: 'BROKEN' });
  expect(['timeout', 'peer']).toContain(await connection.closed);
  await listener.close();
});
