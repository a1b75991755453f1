export type { BlockOrder } from './blocking.ts';
export { AUDIT_ACTIONS, type AuditAction, type AuditEntry, auditEntrySchema, type BackupState, type ClientCounts, refusalSchema } from './control.ts';
export type { FileFacts } from './files.ts';
export { COUNTERS, type CounterName, GAUGES, type GaugeName, LATENCIES, type LatencyName, type NumberFacts, type ServiceName, type Unit } from './numbers.ts';
export {
  type Fleet, fleetSchema, type History, historySchema, type Latency, type Overview, overviewSchema, type ShardOverview, type StoreOverview,
} from './overview.ts';
export { parseOverview, readOverview } from './read-overview.ts';
export { type PlaceStates, RELAY_STATES, RELAY_TROUBLES, type RelayStates } from './pushing.ts';
export type { QueueFacts } from './queues.ts';
export { openApiDocument } from './openapi.ts';
export { ADMIN_ROUTES, type AdminRoute, type Answer, type AnswerOf, type RequestOf, type Role, type RouteName } from './routes.ts';
