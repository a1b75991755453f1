/** Clients of one queue that do nothing but write a history, one thing after another. */
import { History } from './history.ts';

export class Clients {
  readonly history = new History(1);
  private readonly queue = this.history.queues[0]!;
  now = 0;

  private tick(): number {
    return ++this.now;
  }

  subscribe(connection: number): this {
    this.queue.claiming(connection, this.tick()).answeredAt = this.tick();
    return this;
  }

  subscribeUnanswered(connection: number): this {
    this.queue.claiming(connection, this.tick());
    return this;
  }

  send(number: number): this {
    this.queue.answered(this.queue.sent(number, this.tick()), 'ok', this.tick());
    return this;
  }

  sendUnanswered(number: number): this {
    this.queue.sent(number, this.tick());
    return this;
  }

  deliver(number: number, connection: number, isLive = true): this {
    this.queue.delivered(number, connection, isLive, this.tick());
    return this;
  }

  ack(number: number, connection: number): this {
    this.queue.acknowledged(number, connection, this.tick());
    return this;
  }

  close(connection: number): this {
    this.history.closed.set(connection, this.tick());
    return this;
  }

  end(connection: number): this {
    this.queue.ended(connection, this.tick());
    return this;
  }
}
