/** How large a network must be for its users, by the figures of docs/operations/sizing.md. A test holds the example `large` to it. */

const MEASURED = {
  /** Processor of all nodes, and the share that a Redis adds per message, in seconds. */
  messageSeconds: 0.0003,
  redisMessageSeconds: 0.000_13,
  /** More nodes cost more for the same load. */
  manyNodes: 1.5,
  /** Memory of a connection, the queues subscribed on it included, with `listen.leanConnections`. */
  leanConnectionKiB: 18,
  connectionInUseKiB: 42,
  subscribedQueueKiB: 0.4,
  /** Memory of Redis. */
  queueBytes: 471,
  messageBytes: 16_600,
} as const;

export interface Expectation {
  /** Connected at once. */
  readonly users: number;
  readonly queuesOfUser: number;
  /** Received by each a day; 15 % of them in the busiest hour. */
  readonly messagesADay: number;
  /** Part of queues with a message that waits. */
  readonly waiting: number;
  /** Of the memory of a node, and of Redis, what may be used. */
  readonly filled: number;
}

/** Of memory that is full and processors that are busy half, so that the loss of some is borne. */
export function sizeFor({ users, queuesOfUser, messagesADay, waiting, filled }: Expectation, node: { readonly memoryGiB: number; readonly connections: number }) {
  const perSecond = (users * messagesADay * 0.15) / 3600;
  const cores = perSecond * MEASURED.messageSeconds * MEASURED.manyNodes * 2;
  const kibibytes = users * (MEASURED.leanConnectionKiB + (MEASURED.connectionInUseKiB - MEASURED.leanConnectionKiB) / 4 + queuesOfUser * MEASURED.subscribedQueueKiB);
  const byMemory = kibibytes / 1024 / 1024 / (node.memoryGiB * filled);
  const queues = users * queuesOfUser;
  return {
    messagesASecond: Math.round(perSecond),
    nodes: Math.ceil(Math.max(cores, byMemory, users / node.connections)),
    redisGiB: Math.ceil((queues * MEASURED.queueBytes + queues * waiting * MEASURED.messageBytes) / 2 ** 30 / filled),
    redisCores: perSecond * MEASURED.redisMessageSeconds * 2,
  };
}
