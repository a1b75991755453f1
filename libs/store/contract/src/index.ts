export * from './queue-record.ts';
export * from './queue-store.ts';
export * from './store-error.ts';
