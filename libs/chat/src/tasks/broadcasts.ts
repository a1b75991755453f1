/** Tasks that send to many, some at a time, so that no step takes long. How far one is is stored with what was sent. */
import { tellContact } from '../contacts/send.ts';
import { broadcastEnded, sendSlice, SLICE } from '../groups/send.ts';
import { keyOf } from '../records/keys.ts';
import type { Performer } from './performer.ts';

export const broadcasting: Performer<'broadcast'> = {
  subject: ({ groupId }) => `broadcast/${String(groupId)}`,
  perform: async (context, { groupId, members, message, thenDelete }, { key, settling }) => {
    let done = context.read(({ records }) => records.get('progress', key) ?? 0);
    while (done < members.length && !context.isClosed()) {
      const from = done;
      done = Math.min(from + SLICE, members.length);
      await context.change((step) => {
        sendSlice(step, groupId, { members: members.slice(from, done), message, thenDelete });
        step.records.put('progress', key, done);
      });
    }
    if (context.isClosed()) return;
    await settling.change((step) => {
      step.records.remove('progress', key);
      broadcastEnded(step, groupId);
    });
  },
  failed: (step, { groupId }) => broadcastEnded(step, groupId),
};

/** Contacts are numbered without end; each turn the store is asked once for each number. */
export const tellingContacts: Performer<'tell-contacts'> = {
  subject: () => 'tell-contacts',
  perform: async (context, { from }, { key }) => {
    let next = context.read(({ records }) => records.get('progress', key) ?? from);
    for (;;) {
      const first = next;
      const last = context.read(({ records }) => records.counter('contact'));
      if (first > last || context.isClosed()) break;
      next = first + SLICE;
      await context.change((step) => {
        for (let contactId = first; contactId < next; contactId++) {
          const contact = step.records.get('contact', keyOf(contactId));
          if (contact?.status === 'ready') tellContact(step, contact, { event: 'x.info', params: { profile: step.profile } });
        }
        step.records.put('progress', key, next);
      });
    }
    if (!context.isClosed()) await context.change((step) => step.records.remove('progress', key));
  },
  failed: (step) => step.ignore('contacts were not told of our profile'),
};
