/** Records of services: clients that hold a certificate and many queues (SMP §3.5). */
import type { ServiceRecord, Services } from '@polyplex/store-contract';
import { answer, type Engine, now } from './engine.ts';
import { owned } from './owned.ts';

export function createServices(engine: Engine): Services {
  const { services } = engine.tables;
  const known = (wanted: ServiceRecord) => {
    const service = services.get(wanted.fingerprint);
    if (service === null) return null;
    return service.role === wanted.role ? { status: 'ok' as const, service, created: false } : { status: 'conflict' as const };
  };
  return {
    registerService: async (given) => {
      // Services connect again and again, but are new only once.
      const before = await now(engine, () => known(given));
      if (before !== null) return before;
      const service = owned(given);
      const work = () => {
        const found = known(service);
        if (found !== null) return answer(found);
        services.put(service.fingerprint, service);
        if (service.role === 'M') engine.counters.add('recipientServices', 1);
        if (service.role === 'N') engine.counters.add('notifierServices', 1);
        return answer({ status: 'ok' as const, service, created: true });
      };
      return engine.writes.run(work, { queues: [] });
    },
  };
}
