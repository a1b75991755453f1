/**
 * What a handler of a received element is. It looks first and changes later: it answers why the element is passed over, or what is to be
 * changed. So nothing is left half done, and what is accepted can be passed on to others before it takes effect.
 */
import type { EventName, ReceivedMessage } from '@polyplex/protocol-chat';
import type { ConnectionOwner, Contact, Group, Member } from '../records/records.ts';
import type { Step } from '../step.ts';

/** An element as it came; `at`: when we got it, ISO 8601. */
export type Received<E extends EventName = EventName> = Extract<ReceivedMessage, { readonly event: E }> & { readonly at: string };

/** A reason, of few and naming nobody; or the change. */
export type Outcome = string | (() => void);

export const NOTHING_TO_CHANGE = (): void => undefined;

export type ContactHandler<E extends EventName> = (step: Step, contact: Contact, message: Received<E>) => Outcome;

export interface GroupContext {
  readonly group: Group;
  /** Who said it. */
  readonly author: Member;
  /** Who passed it on; null: it came from its author. */
  readonly via: Member | null;
}

export type GroupHandler<E extends EventName> = (step: Step, context: GroupContext, message: Received<E>) => Outcome;

/** What came with a handshake of a connection of ours. */
export interface Handshake {
  readonly connectionId: string;
  readonly owner: ConnectionOwner;
}

/** Of who joined our invitation or accepted our request: the change answers the offer. */
interface Confirmation extends Handshake {
  readonly offerId: string;
}

export type ConfirmationHandler<E extends EventName> = (step: Step, handshake: Confirmation, message: Received<E>) => Outcome;
export type InfoHandler<E extends EventName> = (step: Step, handshake: Handshake, message: Received<E>) => Outcome;

/** By event; one that is missing is not expected there. */
export type ContactHandlers = { readonly [E in EventName]?: ContactHandler<E> };
export type GroupHandlers = { readonly [E in EventName]?: GroupHandler<E> };
export type ConfirmationHandlers = { readonly [E in EventName]?: ConfirmationHandler<E> };
export type InfoHandlers = { readonly [E in EventName]?: InfoHandler<E> };
