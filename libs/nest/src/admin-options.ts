/** What the admin app is told: plain functions, so that whoever provides them knows nothing of Nest. */
import type { Logger } from '@polyplex/telemetry';

export interface HealthSource {
  /** Why the process should get no new work, in words; empty when it is ready. Must not reject. */
  notReady(): Promise<readonly string[]>;
}

export interface MetricsSource {
  /** The whole exposition in Prometheus' text format 0.0.4. */
  text(): Promise<string>;
}

/** One line of the status page. */
export interface StatusRow {
  readonly label: string;
  readonly value: string | number;
}

/** Why a queue is blocked (SMP §8.5). */
export interface BlockOrder {
  readonly reason: 'spam' | 'content';
  /** Seconds that clients show the notice; null for no notice. */
  readonly noticeSeconds: number | null;
}

export interface QueueFacts {
  readonly status: string;
  readonly mode: string;
  /** Day of last use, ISO 8601. */
  readonly usedDay: string;
  readonly messages: number;
}

/** `malformed`: no id at all; `missing`: no queue has it; `refused`: not possible in the queue's state. */
export type QueueRefusal = 'malformed' | 'missing' | 'refused';

/** Queues by base64url sender id or link id (SMP §9.5). */
export interface QueueAdmin {
  status(id: string): Promise<QueueFacts | QueueRefusal>;
  block(id: string, order: BlockOrder): Promise<'ok' | QueueRefusal>;
  unblock(id: string): Promise<'ok' | QueueRefusal>;
  /** Answers how many messages went with it. */
  delete(id: string): Promise<{ readonly messages: number } | QueueRefusal>;
}

export interface AdminAppOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  /** Required of every request but /healthz and /readyz; null leaves it to the address, which must then be loopback. */
  readonly token: string | null;
  /** Heads the status page. */
  readonly title: string;
  readonly health: HealthSource;
  readonly metrics: MetricsSource;
  readonly status: () => Promise<readonly StatusRow[]>;
  readonly queues: QueueAdmin;
  readonly logger: Logger;
  /** How long a close waits for requests that are under way; default 2 s. */
  readonly closeGraceMs?: number;
}

export interface AdminApp {
  /** With the port really bound. */
  readonly url: string;
  readonly port: number;
  /** Stops listening; resolves when open requests are answered, or cut off after the grace. */
  close(): Promise<void>;
}
