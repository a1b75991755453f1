/** Counts that the nodes of one relay share, for limits over all of them. What is counted is not told: keys are hidden. */

export interface SharedCounts {
  /**
   * Tells the other nodes what this one has counted so far in a window of the limit `name`, and answers what the others
   * have counted for the same keys. A window is named by its start, the same on all nodes. Keys leave the process only as
   * tags under a secret that goes away with the window. Rejects with a `StoreError`.
   */
  exchange(name: string, windowStart: number, counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, number>>;
}
