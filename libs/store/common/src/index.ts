export * from './body-source.ts';
export * from './deaf-listener.ts';
export * from './equality.ts';
export * from './ids.ts';
export * from './owned.ts';
export * from './store-failure.ts';
export * from './value-formats.ts';
export * from './whole-queue.ts';
