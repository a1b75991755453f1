/** The node's ports (NTF §1.1). */
import { listenError } from '@polyplex/node';
import { NTF_BLOCK_BYTES } from '@polyplex/protocol-ntf';
import type { NtfServer } from '@polyplex/server-ntf';
import { type Credentials, listenTls, type TlsListener } from '@polyplex/transport-tls';
import type { NtfConfig } from './config/ntf-config.ts';

/** ALPN; without it a client gets version 1 (NTF §1.1). */
const PROTOCOL = 'ntf/1';

/** Binds all ports or none; rejects with `NodeError` LISTEN. The first is the one in the address. */
export function openPorts({ ntfListen, ntfLimits }: NtfConfig, server: NtfServer, credentials: Credentials): Promise<TlsListener> {
  const { host, ports, reusePort, proxyProtocol, trustedProxies } = ntfListen;
  const at = host === null ? {} : { host };
  return listenTls({
    endpoints: ports.map((port) => ({ ...at, port, kind: 'smp' })),
    credentials: { smp: credentials },
    onConnection: (connection) => server.accept(connection),
    requestClientCertificate: false,
    blockBytes: NTF_BLOCK_BYTES,
    protocols: [PROTOCOL],
    handshakeTimeoutMs: ntfLimits.tlsTimeout,
    writeTimeoutMs: ntfLimits.slowReaderTimeout,
    limits: {
      connections: ntfLimits.connections,
      handshakes: ntfLimits.handshakes,
      connectionsPerAddress: ntfLimits.connectionsPerAddress,
      newPerMinutePerAddress: ntfLimits.newConnectionsPerMinutePerAddress,
    },
    reusePort,
    proxyProtocol,
    trustedProxies,
  }).catch((error: unknown) => {
    throw listenError('ntfListen.host, ntfListen.ports', error);
  });
}
