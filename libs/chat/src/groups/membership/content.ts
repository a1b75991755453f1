/** What members write (directory §2.1, §2.5): who may, and in whose support chat it is. */
import { isAtLeast, type MessageScope } from '@polyplex/protocol-chat';
import { type GroupContext, type GroupHandler, type GroupHandlers, NOTHING_TO_CHANGE, type Outcome } from '../../dispatch/handlers.ts';
import { cancelOffer, takeDescription, withFile } from '../../files/offered.ts';
import type { Speaker } from '../../limits/allowance.ts';
import type { Member } from '../../records/records.ts';
import { isModerator, isPending } from '../../records/status.ts';
import type { Step } from '../../step.ts';
import { touchGroup } from './activity.ts';

/** Null: to the whole group. */
type Place = { readonly support: Member | 'own' | null } | { readonly refusal: string };

/** What a pending member writes is in its own support chat, whatever it says itself. */
function placeOf(step: Step, { group, author }: GroupContext, scope: MessageScope | undefined): Place {
  if (isPending(author)) return { support: author };
  if (scope === undefined) return isAtLeast(author.role, 'commenter') ? { support: null } : { refusal: 'of who only observes' };
  if (scope.memberId === author.memberId) return { support: author };
  if (!isModerator(author)) return { refusal: 'in a support chat of another member' };
  if (scope.memberId === group.own.memberId) return { support: 'own' };
  const support = step.memberById(group.groupId, scope.memberId);
  return support === undefined ? { refusal: 'in a support chat of somebody unknown' } : { support };
}

const speaker = ({ groupId, memberNumber }: Member): Speaker => ({ groupId, number: memberNumber });

const message: GroupHandler<'x.msg.new'> = (step, context, { msgId, params, at }) => {
  const { group, author } = context;
  if (author.isBlocked) return 'of a blocked member';
  const place = placeOf(step, context, params.scope);
  if ('refusal' in place) return place.refusal;
  const { support } = place;
  return () => {
    const active = touchGroup(step, group);
    const received = withFile(step, speaker(author), { msgId, container: params, at });
    step.emit({ type: 'group-message', group: active, member: author, message: received, support });
  };
};

/** Of no use to the application; for the history, and passed on like the rest. */
function passed(_step: Step, context: GroupContext): Outcome {
  return unblocked(context, NOTHING_TO_CHANGE);
}

function unblocked({ author }: GroupContext, change: () => void): Outcome {
  return author.isBlocked ? 'of a blocked member' : change;
}

export const content: GroupHandlers = {
  'x.msg.new': message,
  'x.msg.update': passed,
  'x.msg.del': passed,
  'x.msg.react': passed,
  'x.msg.file.descr': (step, context, { params: { msgId, fileDescr } }) => unblocked(context, () => takeDescription(step, speaker(context.author), msgId, fileDescr)),
  'x.file.cancel': (step, context, { params: { msgId } }) => unblocked(context, () => cancelOffer(step, speaker(context.author), msgId)),
};
