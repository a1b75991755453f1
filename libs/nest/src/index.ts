export type {
  AdminApp, AdminAppOptions, BlockOrder, HealthSource, MetricsSource, QueueAdmin, QueueFacts, QueueRefusal, StatusRow,
} from './admin-options.ts';
export { createAdminApp } from './create-admin-app.ts';
export { runUntilSignal, type RunOptions, type Service, type SignalSource } from './run-until-signal.ts';
