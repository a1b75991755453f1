/**
 * What a worker of the swarm is asked, by k6's virtual users or by anybody else: one JSON object a request, `{ op, ...request }`,
 * answered by `{ ok: true, ...reply }` or `{ ok: false, code, step }`.
 * Users, groups and files are named by whoever asks, and live in the worker that was asked. Times are milliseconds, measured
 * beside the socket. No imports: k6 reads this file as it stands.
 */

/** A user: one connection to the relay on which it receives, and the queues that it receives through. */
export interface Operations {
  /** Connects a user, or connects it again; its queues are not subscribed by that. */
  connect: { request: { user: string }; reply: { connectMs: number } };
  /** Cuts a user's connection, as a phone does that goes to sleep; what is sent meanwhile waits. */
  disconnect: { request: { user: string }; reply: object };
  /** Two users become contacts: a queue at each, created, subscribed and secured by the other. */
  pair: { request: { a: string; b: string }; reply: { createMs: number; secureMs: number } };
  /** A message to a contact. With the recipient online, answered when it was delivered and acknowledged. */
  send: { request: { from: string; to: string; bytes?: number }; reply: Sent };
  /** The same through this relay as a proxy; `sessionMs` is of the session with the relay, null where there was one. */
  proxySend: { request: { from: string; to: string; bytes?: number }; reply: Sent & { sessionMs: number | null } };
  /** All members become contacts of each other, as far as they are not. */
  group: { request: { group: string; members: string[] }; reply: { queues: number; groupMs: number } };
  /** A message to all other members; times are those of the slowest. */
  groupSend: { request: { group: string; from: string; bytes?: number }; reply: Sent & { sends: number; deliveries: number } };
  /** Connects where needed, subscribes all queues of a user, and receives what waits. */
  resubscribe: { request: { user: string }; reply: { connectMs: number | null; subscribeMs: number; queues: number; received: number; drainMs: number } };
  /** A contact address: a queue that anybody may send to. */
  contactAddress: { request: { user: string }; reply: { createMs: number } };
  /** So many contact requests at once to a user's address. `refused` were answered QUOTA, as is right. */
  contact: { request: { to: string; count: number; bytes?: number }; reply: { accepted: number; refused: number; contactMs: number } };
  /** A notification server's subscription to all queues of a user. */
  notifications: { request: { user: string }; reply: { queues: number; notificationsMs: number } };
  /** A message with the notification flag; `notificationMs` is until the notification server hears of it. */
  notifiedSend: { request: { from: string; to: string; bytes?: number }; reply: Sent & { notificationMs: number } };
  upload: { request: { file: string; bytes: number }; reply: { uploadMs: number } };
  download: { request: { file: string }; reply: { downloadMs: number; bytes: number } };
  /** Everybody comes back for what waits. `owed` were accepted and never came. */
  settle: { request: object; reply: { users: number; owed: number; settleMs: number } };
  /** What the worker did since its start. */
  stats: { request: object; reply: WorkerStats };
}

export interface Sent {
  /** Until the relay answered OK. */
  sendMs: number;
  /** From the call until the recipient had it; null while the recipient is offline. */
  deliveryMs: number | null;
  /** Until the relay answered the acknowledgement; null as above. */
  ackMs: number | null;
}

export interface WorkerStats {
  /** CPU time of the worker's process, seconds. */
  cpuSeconds: number;
  /** Its event loop's delay, p99 of the last ten seconds: beyond 20 ms its own figures are of no use. */
  loopLagMs: number;
  memoryBytes: number;
  users: number;
  connections: number;
  queues: number;
  sent: number;
  delivered: number;
  /** Accepted by the relay, to a recipient that was online all the time, and not delivered within the timeout. */
  lost: number;
  /** Accepted and not delivered yet, most of it to who is off-line. */
  owed: number;
  /** Delivered once more after the acknowledgement. */
  repeated: number;
  /** Failures by their code. */
  failures: Record<string, number>;
}

export type OperationName = keyof Operations;
export type SwarmRequest<O extends OperationName = OperationName> = { [K in O]: { op: K } & Operations[K]['request'] }[O];

/** `code`: TIMEOUT, NETWORK, the protocol's error (`QUOTA`, `AUTH`, `STORE` …), or USAGE for a request that makes no sense. */
export interface SwarmFailure {
  ok: false;
  code: string;
  /** Which step failed: `connect`, `create`, `send`, `deliver` … */
  step: string;
}

export type SwarmReply<O extends OperationName = OperationName> = ({ ok: true } & Operations[O]['reply']) | SwarmFailure;
