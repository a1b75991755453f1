import type { StoreListener } from '@polyplex/store-contract';

/** Where events go until `listen` is called. */
export const deafListener: StoreListener = {
  ended: () => undefined,
  deleted: () => undefined,
  serviceEnded: () => undefined,
  blocked: () => undefined,
  wake: () => undefined,
  wakeNotifier: () => undefined,
};
