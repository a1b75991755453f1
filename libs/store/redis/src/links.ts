/** Link data of queues (SMP §5.2 LSET, LDEL). */
import { copyBytes } from '@polyplex/base';
import type { Changed, LinkData, Links, QueueRef, Refused } from '@polyplex/store-contract';
import { type Engine, onQueue, recordIn, stepOn } from './engine.ts';
import { keep } from './records.ts';
import { refer, unrefer } from './references.ts';
import { bytesOf, listOf, textOfReply } from './redis-reply.ts';

export function createLinks(engine: Engine): Links {
  const { redis, keys } = engine;
  return {
    setLink: (queue, linkId, data) => setLink(engine, queue, copyBytes(linkId), data),
    deleteLink: (queue) =>
      stepOn<Changed>(
        engine, queue, (id, revision) => redis.run('delete-link', [keys.queue(id), keys.link(id)], [revision]),
        async (reply, id) => {
          const linkId = bytesOf(reply[2]);
          if (linkId !== null) await unrefer(engine, [['link', linkId]], id);
          return { status: 'ok', queue: recordIn(reply, id) };
        },
      ),
    linkData: ({ recipientId }) => onQueue(engine, recipientId, (id) => readLink(engine, id)),
  };
}

async function readLink({ redis, keys }: Engine, recipientId: Uint8Array): Promise<LinkData | null> {
  const key = keys.link(recipientId);
  const [fixedData, userData] = listOf(await redis.read(key, ['HMGET', key, 'f', 'u']));
  if (!(fixedData instanceof Uint8Array && userData instanceof Uint8Array)) return null;
  return { fixedData: new Uint8Array(fixedData), userData: new Uint8Array(userData) };
}

function setLink(engine: Engine, queue: QueueRef, linkId: Uint8Array, data: LinkData): ReturnType<Links['setLink']> {
  const { redis, keys } = engine;
  const [fixedData, userData] = [keep(data.fixedData), keep(data.userData)];
  let referred: Awaited<ReturnType<typeof refer>> = 'own';
  return stepOn<Changed | Refused>(
    engine, queue,
    async (id, revision) => {
      referred = await refer(engine, ['link', linkId], id);
      // One that is taken cannot be this queue's; the script then only says what the queue has.
      const wanted = referred === 'taken' ? Buffer.alloc(0) : keep(linkId);
      const reply = await redis.run('set-link', [keys.queue(id), keys.link(id)], [revision, wanted, fixedData, userData]);
      if (referred === 'new' && textOfReply(listOf(reply)[0]) !== 'ok') await unrefer(engine, [['link', linkId]], id);
      return reply;
    },
    (reply, id) => (textOfReply(reply[0]) === 'refused' ? { status: 'refused' } : { status: 'ok', queue: recordIn(reply, id) }),
  );
}
