/** `/metrics` for Prometheus, and `/`: the same for people, as a plain page without scripts. */
import type { AdminAppOptions, MetricsSource } from './admin-options.ts';
import { defineController, HTML } from './routes.ts';
import { statusPage } from './status-page.ts';
import { METRICS, STATUS } from './tokens.ts';

export type StatusSource = Pick<AdminAppOptions, 'title' | 'status'>;

export class OverviewController {
  readonly #metrics: MetricsSource;
  readonly #status: StatusSource;

  constructor(metrics: MetricsSource, status: StatusSource) {
    this.#metrics = metrics;
    this.#status = status;
  }

  metrics(): Promise<string> {
    return this.#metrics.text();
  }

  async status(): Promise<string> {
    return statusPage(this.#status.title, await this.#status.status());
  }
}

defineController(OverviewController, {
  inject: [METRICS, STATUS],
  routes: {
    metrics: { method: 'GET', path: 'metrics', contentType: 'text/plain; version=0.0.4; charset=utf-8' },
    status: { method: 'GET', path: '', contentType: HTML },
  },
});
