/** Why a node could not start, for operators: each code is an exit code of the command line. */
import { CodedError } from '@polyplex/base';

/** `IDENTITY` certificates and keys; `LISTEN` a port cannot be bound; `STORAGE` the data cannot be opened. */
export type NodeErrorCode = 'IDENTITY' | 'LISTEN' | 'STORAGE';

export class NodeError extends CodedError<NodeErrorCode> {
  override readonly name = 'NodeError';
}
