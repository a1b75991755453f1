/** Tasks of a host of groups. */
import { newMessageId } from '@polyplex/protocol-chat';
import { hostTaskFailed, linkFailed, linkMade, linkOptions, performHostTask } from '../groups/host/hooks.ts';
import type { HostTask } from '../records/host-records.ts';
import type { Performer } from './performer.ts';

export const creatingLink: Performer<'create-link'> = {
  subject: ({ groupId }) => `link/${String(groupId)}`,
  perform: async (context, task, { settling }) => {
    const groupLinkId = newMessageId();
    const options = linkOptions(context.read((reader) => reader.group(task.groupId)), groupLinkId);
    if (options === null) return;
    await context.agent.createAddress({ ...options, also: (agentStep, _connectionId, begun) => settling.inStep(agentStep, (step) => linkMade(step, task, { begun, groupLinkId })) });
  },
  failed: linkFailed,
};

function hostTask<D extends HostTask['do']>(): Performer<D> {
  return {
    subject: ({ do: what, groupId, memberNumber }: HostTask) => `${what}/${String(groupId)}/${String(memberNumber)}`,
    perform: (context, task: HostTask) => performHostTask(context, task),
    failed: (step, task: HostTask) => hostTaskFailed(step, task),
  };
}

export const introducing: Performer<'introduce'> = hostTask();
export const flushing: Performer<'flush'> = hostTask();
