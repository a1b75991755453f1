/** What contacts say (directory §2.1, §2.2). */
import { NOTHING_TO_CHANGE, type ContactHandlers, type InfoHandler, type ConfirmationHandler, type Outcome } from '../dispatch/handlers.ts';
import { contactBinding, idOfBytes, type MessageContainer, type Profile } from '@polyplex/protocol-chat';
import type { VersionRange } from '@polyplex/protocol-common';
import { infoOf } from '../compose.ts';
import { cancelOffer, takeDescription, withFile } from '../files/offered.ts';
import type { Speaker } from '../limits/allowance.ts';
import { boundedProfile, sameValue } from '../profiles.ts';
import type { Contact } from '../records/records.ts';
import type { Step } from '../step.ts';
import { newerVersions } from '../versions.ts';
import { forgetContact } from './send.ts';

function updateProfile(step: Step, contact: Contact, said: Profile): Outcome {
  const profile = boundedProfile(said);
  if (sameValue(profile, contact.profile)) return NOTHING_TO_CHANGE;
  return () => step.emit({ type: 'contact-updated', contact: step.updateContact(contact.contactId, { profile }), from: contact.profile });
}

const speaker = ({ contactId }: Contact): Speaker => ({ groupId: 0, number: contactId });

/** A link that was signed for another chat, and shown here by whoever had it there, is not signed (directory §3.8). */
function withOwnSignature(step: Step, { connectionId }: Contact, container: MessageContainer): MessageContainer {
  const { content } = container;
  if (content.type !== 'chat' || content.ownerSig === undefined) return container;
  const connection = connectionId === null ? null : step.agent.bindingOf(connectionId);
  if (connection !== null && content.ownerSig.chatBinding === idOfBytes(contactBinding(connection))) return container;
  const { ownerSig: _elsewhere, ...unsigned } = content;
  return { ...container, content: unsigned };
}

export const contactMessages: ContactHandlers = {
  'x.msg.new': (step, contact, { msgId, params, at }) => () => {
    const message = withFile(step, speaker(contact), { msgId, container: withOwnSignature(step, contact, params), at });
    step.emit({ type: 'direct-message', contact, message });
  },
  'x.msg.file.descr': (step, contact, { params: { msgId, fileDescr } }) => () => takeDescription(step, speaker(contact), msgId, fileDescr),
  'x.file.cancel': (step, contact, { params: { msgId } }) => () => cancelOffer(step, speaker(contact), msgId),
  'x.info': (step, contact, { params }) => updateProfile(step, contact, params.profile),
  'x.direct.del': (step, contact) => () => step.emit({ type: 'contact-deleted', contact: forgetContact(step, contact) }),
};

/** Who accepted our request at its address, or joined our invitation. */
export const contactConfirmed: ConfirmationHandler<'x.info'> = (step, { owner, offerId }, { params, versions }) => {
  const contact = owner.type === 'contact' ? step.contact(owner.contactId) : undefined;
  if (contact?.status !== 'connecting') return 'a profile that is not expected';
  return () => {
    introduced(step, contact, { profile: params.profile, versions });
    step.agent.allow(offerId, infoOf({ event: 'x.info', params: { profile: step.profile } }, true));
  };
};

/** Whom we have joined. */
export const contactInformed: InfoHandler<'x.info'> = (step, { owner }, { params, versions }) => {
  const contact = owner.type === 'contact' ? step.contact(owner.contactId) : undefined;
  return contact === undefined ? 'a profile that is not expected' : () => introduced(step, contact, { profile: params.profile, versions });
};

function introduced(step: Step, contact: Contact, { profile, versions }: { readonly profile: Profile; readonly versions: VersionRange }): void {
  step.updateContact(contact.contactId, { profile: boundedProfile(profile), versions: newerVersions(contact.versions, versions) });
}
