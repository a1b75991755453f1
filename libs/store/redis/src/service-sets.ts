/**
 * Which queues belong to a service: sets beside the service's session. A queue is put in before its record names the
 * service, and taken out after, so that a set never lacks one; what is too much is swept.
 */
import type { Engine } from './engine.ts';
import { given } from './records.ts';

export async function join(engine: Engine, role: 'M' | 'N', serviceId: Uint8Array | null, recipientId: Uint8Array): Promise<void> {
  if (serviceId === null) return;
  const key = engine.keys.serviceQueues(serviceId, role);
  await engine.redis.write(key, ['SADD', key, given(recipientId)]);
}

/** Never rejects. */
export async function leave(engine: Engine, role: 'M' | 'N', serviceId: Uint8Array | null, recipientId: Uint8Array): Promise<void> {
  if (serviceId === null) return;
  const key = engine.keys.serviceQueues(serviceId, role);
  await engine.redis.write(key, ['SREM', key, given(recipientId)]).catch(() => undefined);
}
