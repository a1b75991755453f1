export * from './relay-process.ts';
