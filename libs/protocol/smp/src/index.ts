export * from './blocking-info.ts';
export * from './commands.ts';
export * from './delivery.ts';
export * from './errors.ts';
export * from './forwarding.ts';
export { type QueueRequest } from './new-queue.ts';
export * from './replies.ts';
export * from './versions.ts';
