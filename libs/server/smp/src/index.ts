export { DEFAULT_OPTIONS, type ProxyOptions, type SmpServerOptions } from './options.ts';
export { type DialRelay, type RelayConnection, RelayFailure } from './proxy.ts';
export { relayDialer, type RelayDialerOptions } from './relay-dialer.ts';
export { createSmpServer, type SmpGauges, type SmpServer, type SmpServerDeps } from './smp-server.ts';
export { SmpStats } from './stats.ts';
