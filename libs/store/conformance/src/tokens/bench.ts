/** What every scenario of the TokenStore's suite works with; new for each. */
import type { TokenStore } from '@polyplex/store-contract';

export interface TokenBench {
  store: TokenStore;
  /** The time of the store, Unix milliseconds. */
  now: () => number;
  /** As `TokenStoreUnderTest.advance`. */
  advance: (ms: number) => Promise<void>;
  /** Goes on with an empty store. */
  renew: () => Promise<void>;
  /** As `TokenStoreUnderTest.reopen`. Skips the test where there is none. */
  reopen: () => Promise<void>;
  canReopen: boolean;
  /** As `TokenStoreUnderTest.peer`. */
  peer: () => Promise<TokenStore>;
  hasPeers: boolean;
}
