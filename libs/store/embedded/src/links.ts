/** Link data of queues (SMP §5.2 LSET, LDEL). */
import { copyBytes, equalBytes } from '@polyplex/base';
import { isId, owned } from '@polyplex/store-common';
import type { Changed, LinkData, Links, QueueRecord, Refused } from '@polyplex/store-contract';
import { answer, changeQueue, type Engine, inOrder, onQueue, present, recordOf } from './engine.ts';
import type { QueueRow } from './value-formats.ts';

export function createLinks(engine: Engine): Links {
  const { links, linkData } = engine.tables;
  return {
    setLink: (queue, givenId, givenData) => {
      const linkId = copyBytes(givenId);
      const data = owned(givenData);
      return onQueue(engine, queue, 'grows', (row, recipientId) =>
        answer(setLink(engine, row, recordOf(recipientId, row), { linkId, data })));
    },
    deleteLink: (queue) =>
      onQueue(engine, queue, 'frees', (row, recipientId) => {
        const record = recordOf(recipientId, row);
        if (record.linkId === null) return answer({ status: 'ok', queue: record });
        links.remove(record.linkId);
        linkData.remove(recipientId);
        return answer({ status: 'ok', queue: changeQueue(engine, row, record, { linkId: null }) });
      }),
    linkData: ({ recipientId }) => inOrder(engine, recipientId, (id) => answer(linkData.get(id))),
  };
}

function setLink(
  engine: Engine, row: QueueRow, record: QueueRecord, link: { linkId: Uint8Array; data: LinkData },
): Changed | Refused {
  const { links, linkData } = engine.tables;
  if (record.linkId === null) {
    if (!isId(link.linkId) || links.has(link.linkId)) return { status: 'refused' };
    links.put(link.linkId, record.recipientId);
    linkData.put(record.recipientId, link.data);
    return { status: 'ok', queue: changeQueue(engine, row, record, { linkId: link.linkId }) };
  }
  const { fixedData } = present(linkData.get(record.recipientId));
  if (!equalBytes(record.linkId, link.linkId) || !equalBytes(fixedData, link.data.fixedData)) return { status: 'refused' };
  linkData.put(record.recipientId, link.data);
  return { status: 'ok', queue: record };
}
