/** Where the host's side of groups is called from the rest (directory §2.4). */
import type { ConfirmationHandlers, GroupContext, GroupHandlers, InfoHandlers, Received } from '../../dispatch/handlers.ts';
import { isForwardable } from '../../compose.ts';
import type { HostTask } from '../../records/host-records.ts';
import type { Step } from '../../step.ts';
import { arrivalConfirmations, arrivalInfos } from './arrivals.ts';
import { flushSlice } from './flush.ts';
import { forward } from './forward.ts';
import { observe } from './history-events.ts';
import { introductionHandlers } from './introduction-messages.ts';
import { type HostTaskContext, introduceAll, introductionFailed } from './introduction-task.ts';

export { approveMember, memberAccepted } from './admission.ts';
export { inviteeConnected } from './arrivals.ts';
export { delivery } from './delivery.ts';
export { flushWaiting } from './flush.ts';
export { forgetMember, groupEnded, memberEnded } from './forget.ts';
export { cancelFile, describeFile, forgetContent, remember } from './history.ts';
export { invitationMade, inviteContact } from './invite.ts';
export { takeJoinRequest } from './join-requests.ts';
export { createLink, deleteLink, linkFailed, linkMade, linkOptions, refreshLink, setLinkRole } from './links.ts';

/** `x.grp.mem.inv`, `x.grp.mem.con`. */
export const hostMessages: GroupHandlers = introductionHandlers;

/** `x.grp.acpt` of who takes an invitation of ours. */
export const hostConfirmations: ConfirmationHandlers = arrivalConfirmations;

/** `x.info` of who joined by our link. */
export const hostInfos: InfoHandlers = arrivalInfos;

/** Accepted of its author, before it takes effect: for the history, and for those who do not get it otherwise. */
export function accepted(step: Step, context: GroupContext, message: Received): void {
  observe(step, context, message);
  if (context.via === null && isForwardable(message)) forward(step, context, message);
}

/** Does a host's task, in slices. Resolves when all that is stored, or the client is closed. */
export async function performHostTask(context: HostTaskContext, task: HostTask): Promise<void> {
  if (task.do === 'introduce') return introduceAll(context, task);
  const { groupId, memberNumber } = task;
  while (!context.isClosed() && await context.change((step) => flushSlice(step, groupId, memberNumber)));
}

/** It will never be done. */
export function hostTaskFailed(step: Step, task: HostTask): void {
  if (task.do === 'introduce') introductionFailed(step, task);
  step.ignore('a task of a host');
}
