/**
 * Administration of queues (SMP §8.5, §9.5): `POST /admin/queues/status|block|unblock|delete` with JSON. Ids travel in
 * the body, so that no access log on the way keeps them. Answers: 200, 400 malformed, 404 no such queue, 409 refused.
 */
import { BadRequestException, ConflictException, type HttpException, NotFoundException } from '@nestjs/common';
import type { Logger } from '@polyplex/telemetry';
import type { BlockOrder, QueueAdmin, QueueFacts, QueueRefusal } from './admin-options.ts';
import { defineController, JSON_TYPE } from './routes.ts';
import { LOGGER, QUEUES } from './tokens.ts';

const MAX_NOTICE_SECONDS = 2 ** 31 - 1;

export class QueuesController {
  readonly #queues: QueueAdmin;
  readonly #log: Logger;

  constructor(queues: QueueAdmin, log: Logger) {
    this.#queues = queues;
    this.#log = log;
  }

  async status(body: unknown): Promise<QueueFacts> {
    return granted(await this.#queues.status(idOf(body)));
  }

  async block(body: unknown): Promise<{ status: string }> {
    const order = orderOf(body);
    granted(await this.#queues.block(idOf(body), order));
    this.#log.warn('queue blocked', { reason: order.reason });
    return { status: 'blocked' };
  }

  async unblock(body: unknown): Promise<{ status: string }> {
    granted(await this.#queues.unblock(idOf(body)));
    this.#log.warn('queue unblocked');
    return { status: 'active' };
  }

  async delete(body: unknown): Promise<{ messages: number }> {
    const deleted = granted(await this.#queues.delete(idOf(body)));
    this.#log.warn('queue deleted', { messages: deleted.messages });
    return deleted;
  }
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

function idOf(body: unknown): string {
  const id = fieldOf(body, 'id');
  if (typeof id !== 'string') throw new BadRequestException('`id` must be a sender id or link id in base64url');
  return id;
}

function orderOf(body: unknown): BlockOrder {
  const reason = fieldOf(body, 'reason');
  if (reason !== 'spam' && reason !== 'content') throw new BadRequestException('`reason` must be `spam` or `content`');
  const seconds = fieldOf(body, 'noticeSeconds') ?? null;
  if (seconds !== null && !isNoticeSeconds(seconds)) throw new BadRequestException('`noticeSeconds` must be a whole number of seconds');
  return { reason, noticeSeconds: seconds };
}

function isNoticeSeconds(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_NOTICE_SECONDS;
}

const REFUSALS: Readonly<Record<QueueRefusal, () => HttpException>> = {
  malformed: () => new BadRequestException('`id` must be a sender id or link id in base64url'),
  missing: () => new NotFoundException('no queue has this id'),
  refused: () => new ConflictException('the queue is suspended by its owner'),
};

function granted<T>(answer: T | QueueRefusal): Exclude<T, QueueRefusal> {
  if (typeof answer === 'string' && answer in REFUSALS) throw REFUSALS[answer as QueueRefusal]();
  return answer as Exclude<T, QueueRefusal>;
}

defineController(QueuesController, {
  inject: [QUEUES, LOGGER],
  routes: {
    status: { method: 'POST', path: 'admin/queues/status', contentType: JSON_TYPE, body: true },
    block: { method: 'POST', path: 'admin/queues/block', contentType: JSON_TYPE, body: true },
    unblock: { method: 'POST', path: 'admin/queues/unblock', contentType: JSON_TYPE, body: true },
    delete: { method: 'POST', path: 'admin/queues/delete', contentType: JSON_TYPE, body: true },
  },
});
