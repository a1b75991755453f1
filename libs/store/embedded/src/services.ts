/** Records of services: clients that hold a certificate and many queues (SMP §3.5). */
import { owned } from '@polyplex/store-common';
import type { ServiceRecord, Services } from '@polyplex/store-contract';
import { answer, type Engine, guarded } from './engine.ts';
import type { Finish } from './write-queue.ts';

type ServiceAnswer = Awaited<ReturnType<Services['registerService']>>;

export const SERVICE_COUNTERS = { M: 'recipientServices', N: 'notifierServices', P: 'proxyServices' } as const;

export function createServices(engine: Engine): Services {
  const { services } = engine.tables;
  const known = (wanted: ServiceRecord): ServiceAnswer | null => {
    const service = services.get(wanted.fingerprint);
    if (service === null) return null;
    return service.role === wanted.role ? { status: 'ok', service, created: false } : { status: 'conflict' };
  };
  return {
    registerService: (given, limit) => guarded<ServiceAnswer>(engine, () => {
      // Services connect again and again, but are new only once.
      const before = known(given);
      if (before !== null) return Promise.resolve(before);
      const service = owned(given);
      const work = (): Finish<ServiceAnswer> => {
        const found = known(service);
        if (found !== null) return answer(found);
        if (engine.counters.services >= limit) return answer({ status: 'full' });
        services.put(service.fingerprint, service);
        engine.counters.add(SERVICE_COUNTERS[service.role], 1);
        return answer({ status: 'ok', service, created: true });
      };
      return engine.writes.run<ServiceAnswer>(work, { queues: [] });
    }),
  };
}
