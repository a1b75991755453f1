export { type EmbeddedStoreOptions, openEmbeddedStore } from './queue-store.ts';
