/** What every scenario of the FileStore's suite works with; new for each. */
import type { FileStore } from '@polyplex/store-contract';

export interface FileBench {
  store: FileStore;
  /** As `FileStoreUnderTest.graceMs`. */
  graceMs: number;
  advance: (ms: number) => Promise<void>;
  /** Goes on with an empty store. */
  renew: () => Promise<void>;
  /** As `FileStoreUnderTest.reopen`. Skips the test where there is none. */
  reopen: () => Promise<void>;
  canReopen: boolean;
  /** As `FileStoreUnderTest.peer`. */
  peer: () => Promise<FileStore>;
  hasPeers: boolean;
}
