/** The node's ports: SMP connections go to the server, browsers on the shared port to the pages (SMP §2.7). */
import type { Server as HttpServer } from 'node:http';
import { listenError } from '@polyplex/node';
import type { SmpServer } from '@polyplex/server-smp';
import { type ListenerCredentials, listenTls, type TlsListener } from '@polyplex/transport-tls';
import type { SmpConfig } from './config/smp-config.ts';
import { endpointsOf } from './endpoints.ts';

export interface NodePorts {
  readonly listener: TlsListener;
  /** Gives the HTTPS side its pages, which name the address and so the port that was bound. */
  readonly setPages: (pages: HttpServer) => void;
}

/** Binds all ports or none; rejects with `NodeError` LISTEN. */
export async function openPorts({ listen, limits, access }: SmpConfig, server: SmpServer, credentials: ListenerCredentials): Promise<NodePorts> {
  let pages: HttpServer | null = null;
  const listener = await listenTls({
    endpoints: endpointsOf(listen),
    credentials,
    onConnection: (connection) => server.accept(connection),
    onHttps: (socket) => {
      if (pages === null) socket.destroy();
      else pages.emit('connection', socket);
    },
    requestClientCertificate: access.serviceCredentials,
    handshakeTimeoutMs: limits.tlsTimeout,
    writeTimeoutMs: limits.slowReaderTimeout,
    limits: {
      connections: limits.connections,
      handshakes: limits.handshakes,
      connectionsPerAddress: limits.connectionsPerAddress,
      newPerMinutePerAddress: limits.newConnectionsPerMinutePerAddress,
    },
    reusePort: listen.reusePort,
    ownRecords: listen.leanConnections,
    proxyProtocol: listen.proxyProtocol,
    trustedProxies: listen.trustedProxies,
  }).catch((error: unknown) => {
    throw listenError('listen.host, listen.ports, listen.sharedPort, listen.webSocketPort', error);
  });
  const setPages = (server: HttpServer): void => {
    pages = server;
    if (listen.webSockets) server.on('upgrade', (request, socket, head) => listener.upgrade({ request, socket, head }));
  };
  return { listener, setPages };
}
