/** The beginning of every node. */

export interface StartableNode {
  start(): Promise<void>;
  /** Never rejects. */
  stop(): Promise<void>;
}

/** Rejects as `start` does, and then nothing is left running. */
export async function startNode<N extends StartableNode>(node: N): Promise<N> {
  try {
    await node.start();
    return node;
  } catch (error) {
    await node.stop();
    throw error;
  }
}
