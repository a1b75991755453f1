/** What keeps the files of an old server from being read a second time. */
import { CodedError } from '@polyplex/base';

/** `CHANGED`: they are not those that were read at first. */
export class OldServerError extends CodedError<'CHANGED'> {
  override readonly name = 'OldServerError';
}
