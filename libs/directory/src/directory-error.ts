/** What the directory refuses to begin with. */
import { CodedError } from '@polyplex/base';

/** `FORMAT`: records of a newer version; `OPTIONS`: options that contradict each other or exceed a bound. */
export type DirectoryErrorCode = 'FORMAT' | 'OPTIONS';

export class DirectoryError extends CodedError<DirectoryErrorCode> {
  override readonly name = 'DirectoryError';
}
