/** `/healthz`: the process runs its event loop. `/readyz`: it should get work; not so while it drains or its store fails. */
import { ServiceUnavailableException } from '@nestjs/common';
import type { HealthSource } from './admin-options.ts';
import { defineController, TEXT } from './routes.ts';
import { HEALTH } from './tokens.ts';

export class HealthController {
  readonly #health: HealthSource;

  constructor(health: HealthSource) {
    this.#health = health;
  }

  live(): string {
    return 'ok\n';
  }

  async ready(): Promise<string> {
    const reasons = await this.#health.notReady();
    if (reasons.length > 0) throw new ServiceUnavailableException(reasons.join('; '));
    return 'ready\n';
  }
}

defineController(HealthController, {
  inject: [HEALTH],
  routes: {
    live: { method: 'GET', path: 'healthz', contentType: TEXT },
    ready: { method: 'GET', path: 'readyz', contentType: TEXT },
  },
});
