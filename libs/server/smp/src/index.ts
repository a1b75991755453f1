export { DEFAULT_OPTIONS, type ProxyOptions, type SmpServerOptions } from './options.ts';
export { type DialRelay, type RelayConnection, RelayFailure } from './proxy.ts';
export { relayDialer, type RelayDialerOptions } from './relay-dialer.ts';
export type { ClientSpread, SmpGauges } from './gauges.ts';
export { ACKNOWLEDGE_PERIODS, type AcknowledgePeriod, type WaitingDeliveries } from './pending-deliveries.ts';
export { type ReferenceCounters, referenceCounters } from './reference-counters.ts';
export { ROUTING_ERRORS, type RoutingCounts, type RoutingError } from './routing-counts.ts';
export { createSmpServer, type SmpServer, type SmpServerDeps } from './smp-server.ts';
export { type ServiceStats, SmpStats, STAGES, type Stage } from './stats.ts';
