export { openS3ChunkStore, type S3ChunkStoreOptions } from './chunk-store.ts';
