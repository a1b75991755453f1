/** The node's ports: each serves apps and, with a web certificate, browsers (XFTP §2.1). */
import { listenError } from '@polyplex/node';
import type { XftpServer } from '@polyplex/server-xftp';
import { type Http2Listener, type HttpCredentials, listenHttp2 } from '@polyplex/transport-http2';
import type { XftpConfig } from './config/xftp-config.ts';

/** Binds all ports or none; rejects with `NodeError` LISTEN. The first is the one in the address. */
export function openPorts({ xftpListen, xftpLimits }: XftpConfig, server: XftpServer, credentials: HttpCredentials): Promise<Http2Listener> {
  const { host, ports, reusePort, proxyProtocol, trustedProxies } = xftpListen;
  const at = host === null ? {} : { host };
  return listenHttp2({
    endpoints: ports.map((port) => ({ ...at, port })),
    credentials,
    onConnection: (connection) => server.accept(connection),
    handshakeTimeoutMs: xftpLimits.tlsTimeout,
    limits: {
      connections: xftpLimits.connections,
      handshakes: xftpLimits.handshakes,
      connectionsPerAddress: xftpLimits.connectionsPerAddress,
      newPerMinutePerAddress: xftpLimits.newConnectionsPerMinutePerAddress,
    },
    http: {
      firstRequestTimeoutMs: xftpLimits.firstRequestTimeout,
      requestsPerConnection: xftpLimits.requestsPerConnection,
      requests: xftpLimits.requests,
      requestsPerAddress: xftpLimits.requestsPerAddress,
      stallTimeoutMs: xftpLimits.stallTimeout,
      sendTimeoutMs: xftpLimits.downloadTimeout,
      discardTimeoutMs: xftpLimits.uploadTimeout,
    },
    reusePort,
    proxyProtocol,
    trustedProxies,
  }).catch((error: unknown) => {
    throw listenError('xftpListen.host, xftpListen.ports', error);
  });
}
