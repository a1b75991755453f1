/** What owners of channels are told, beside what those of groups are (directory §3.8). */
import { shownName } from '../commands/names.ts';
import type { Registration } from '../records/records.ts';
import type { RegistrationState } from '../registration/states.ts';
import { called, calledFirst, capital, type Noun } from './nouns.ts';

type Named = Pick<Registration, 'name' | 'channel'>;

const FAILURES = {
  'unknown-owner': 'unknown owner ID',
  'wrong-signature': 'signature verification failed',
} as const;

export const CHANNEL_TEXTS = {
  notOwner: (noun: Noun) => `To list a ${noun} here, you must be its owner, and send its link with _Share via chat_.`,
  unknownType: 'Public groups of this kind cannot be listed here.',
  noLink: 'The link of this card cannot be read.',
  reading: 'The link that you sent before is being read. Please wait.',
  busy: 'Many links are being read at the moment. Please send yours again in some minutes.',
  notSigned: (verdict: keyof typeof FAILURES, noun: Noun) => `Link signature verification failed: ${FAILURES[verdict]}.\nYou must be the ${noun} owner to register it.`,
  notRead: (noun: Noun) => `The ${noun} could not be found by this link now. Please send it again later.`,
  gone: (noun: Noun) => `This link does not lead to a ${noun}.`,
  noRelays: (noun: Noun) => `${capital(noun)} has no active relays. Please try again later.`,
  nameTaken: (name: string) => `A group or channel named ${shownName(name)} is already listed. Please choose another name for yours, and send its link again.`,
  registeredByAnother: (noun: Noun) => `This ${noun} is registered by another owner.`,
  waiting: (it: Named) => `Registration is in progress: the bot waits until the relays of ${called(it)} have told of its owner.`,
  /** Null: something becomes of it. */
  asItIs: (state: RegistrationState, noun: Noun) => {
    if (state === 'pending_approval') return `${capital(noun)} is already pending approval.`;
    return state === 'active' ? `${capital(noun)} is already listed in the directory.` : null;
  },
  suspended: (noun: Noun) => `${capital(noun)} is suspended by an admin of the directory.`,
  submitted: (it: Named) => `${calledFirst(it)} is submitted for approval. It is hidden from the directory until it is approved.`,
  cancelled: (it: Named) => `You are not an owner of ${called(it)}: its registration is cancelled.`,
  ownerMissing: (it: Named) => `You are not an owner of ${called(it)} any more, as its link tells. It is not listed any more; when you are its owner again, send its link.`,
  passedOn: (it: Named) => `${calledFirst(it)} is registered by another of its owners now.`,
} as const;
