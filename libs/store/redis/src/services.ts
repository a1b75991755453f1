/** Records of services: clients that hold a certificate and many queues (SMP §3.5). */
import { decodeValue, encodeValue, service as serviceFormat } from '@polyplex/store-common';
import type { Services } from '@polyplex/store-contract';
import type { Engine } from './engine.ts';
import { given, keep } from './records.ts';
import { bytesOf, listOf, textOfReply } from './redis-reply.ts';
import { owned } from '@polyplex/store-common';

export function createServices({ redis, keys }: Engine): Services {
  return {
    registerService: async (wanted, limit) => {
      const { fingerprint, role } = wanted;
      const mine = owned(wanted);
      const reply = listOf(await redis.run(
        'register-service', [keys.services, keys.serviceRoles], [keep(fingerprint), role, given(encodeValue(serviceFormat, wanted)), String(limit)],
      ));
      const status = textOfReply(reply[0]);
      if (status === 'full') return { status };
      if (status === 'created') return { status: 'ok', service: mine, created: true };
      const service = decodeValue(serviceFormat, bytesOf(reply[1])!);
      return service.role === role ? { status: 'ok', service, created: false } : { status: 'conflict' };
    },
  };
}
