/** Where the nodes of one network tell each other how they are. */
export interface FleetBoard {
  /** Replaces what this node told before, for `ttlMs`; rejects with a `StoreError`. */
  publish(text: string, ttlMs: number): Promise<void>;
  /** What the other nodes have told, in any order, without this one; rejects with a `StoreError`. */
  others(): Promise<readonly string[]>;
}
