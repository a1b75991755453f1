export { chunkStoreConformance, type ChunkStoreUnderTest, type MakeChunkStore } from './chunk-store.ts';
export { fileStoreConformance, type FileStoreUnderTest, type MakeFileStore } from './file-store.ts';
export { type MakeQueueStore, queueStoreConformance, type QueueStoreUnderTest } from './queue-store.ts';
export { createTokenModel, type TokenModel } from './tokens/model/token-model.ts';
export { type MakeTokenStore, tokenStoreConformance, type TokenStoreUnderTest } from './token-store.ts';
