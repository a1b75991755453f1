/** What is wrong with what an operator gave: keys and settings, read before anything is pushed. */
import { CodedError } from '@polyplex/base';

/** KEY: a key that cannot be read or is of another kind. SETTING: a setting out of its bounds. The message says what to do. */
export type PushSetupErrorCode = 'KEY' | 'SETTING';

export class PushSetupError extends CodedError<PushSetupErrorCode> {
  override readonly name = 'PushSetupError';
}
