/** What a chat client refuses. */
import { CodedError } from '@polyplex/base';

/**
 * `UNKNOWN`: no such contact, group or member; `PROHIBITED`: not in this state, or not in our role; `TOO_LARGE`: it does not fit a message;
 * `LINK`: it is none, or leads to what is not joined here.
 */
export type ChatErrorCode = 'UNKNOWN' | 'PROHIBITED' | 'TOO_LARGE' | 'LINK';

export class ChatError extends CodedError<ChatErrorCode> {
  override readonly name = 'ChatError';
}
