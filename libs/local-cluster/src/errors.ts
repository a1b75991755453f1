/** Failures of local parts. */
import { CodedError } from '@polyplex/base';

/**
 * PROGRAM: something is not installed or not built. START: a part did not start; the message ends with its log.
 * PORT: a port is taken. TIMEOUT: a state was not reached in time. STATE: not possible as things are.
 */
export type LocalClusterCode = 'PROGRAM' | 'START' | 'PORT' | 'TIMEOUT' | 'STATE';

/** The message says what to do where something can be done. */
export class LocalClusterError extends CodedError<LocalClusterCode> {
  override readonly name = 'LocalClusterError';
}
