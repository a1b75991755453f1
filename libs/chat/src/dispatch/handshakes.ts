/** What comes with handshakes, by event (directory §1.1). */
import { contactConfirmed, contactInformed } from '../contacts/messages.ts';
import { hostConfirmations, hostInfos } from '../groups/host/hooks.ts';
import { memberConfirmed, memberInformed } from '../groups/membership/introductions.ts';
import { hostAnswered } from '../groups/membership/invited.ts';
import { linkInvitation, linkRejection } from '../groups/membership/join-link.ts';
import { relayInvitation, relayRejection } from '../groups/channels/joining.ts';
import type { ConfirmationHandler, ConfirmationHandlers, InfoHandler, InfoHandlers } from './handlers.ts';

/** Whoever joined or was accepted by us: a contact, or a member who came by our link. */
const informed: InfoHandler<'x.info'> = (step, handshake, message) =>
  (handshake.owner.type === 'contact' ? contactInformed : hostInfos['x.info'])?.(step, handshake, message) ?? 'a profile that is not expected';

/** Of who hosts a group's link, or of a relay of a channel, which is a member already. */
const invited: ConfirmationHandler<'x.grp.link.inv'> = (step, handshake, message) => (handshake.owner.type === 'member' ? relayInvitation : linkInvitation)(step, handshake, message);
const rejected: ConfirmationHandler<'x.grp.link.reject'> = (step, handshake, message) => (handshake.owner.type === 'member' ? relayRejection : linkRejection)(step, handshake, message);

export const confirmationHandlers: ConfirmationHandlers = {
  ...hostConfirmations,
  'x.info': contactConfirmed,
  'x.grp.mem.info': memberConfirmed,
  'x.grp.link.inv': invited,
  'x.grp.link.reject': rejected,
};

export const infoHandlers: InfoHandlers = { ...hostInfos, 'x.info': informed, 'x.ok': hostAnswered, 'x.grp.mem.info': memberInformed };
