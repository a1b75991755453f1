/** The configuration file of a local HAProxy: TCP passed on to the servers of one backend. */

export interface HaproxySettings {
  readonly host: string;
  readonly port: number;
  readonly socketFile: string;
  readonly balance: 'random' | 'leastconn' | 'roundrobin';
  readonly maxConnections: number;
}

export const BACKEND = 'relay';

/** Servers are added at run time, on the socket. Timeouts are for connections of apps, which are silent for minutes. */
export function haproxyConfig({ host, port, socketFile, balance, maxConnections }: HaproxySettings): string {
  return `global
  stats socket "${socketFile}" mode 600 level admin
  maxconn ${maxConnections}
  no log

defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout check 2s
  option clitcpka
  option srvtcpka
  option redispatch
  retries 3

frontend smp
  bind ${host}:${port}
  default_backend ${BACKEND}

backend ${BACKEND}
  balance ${balance}
`;
}

const CHECK_INTERVAL_MS = 500;

export interface ServerSettings {
  /** Of this server alone. HAProxy would choose one itself, but after it placed the server by it: all in one place. */
  readonly id: number;
  readonly port: number;
  readonly proxyProtocol: boolean;
}

/** Words of the runtime command `add server`, after the server's name. */
export function serverWords({ id, port, proxyProtocol }: ServerSettings): string {
  const check = `check inter ${CHECK_INTERVAL_MS} fall 2 rise 1`;
  // Checks carry the header too, or the backend would count each as a client that says nothing.
  return `127.0.0.1:${port} id ${id} ${check}${proxyProtocol ? ' send-proxy-v2 check-send-proxy' : ''}`;
}
