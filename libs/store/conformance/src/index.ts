export { type MakeQueueStore, type QueueStoreUnderTest, queueStoreConformance } from './queue-store.ts';
