export * from './keys.ts';
export type * from './provider.ts';
