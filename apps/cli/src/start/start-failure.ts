/** Data that a start cannot open because a process has it, and what to do about it: other commands advise otherwise. */
import { hasCode } from '@polyplex/base';
import { NodeError } from '@polyplex/node';

/** With advice where there is any; all else as it came. */
export function startFailure(error: unknown): unknown {
  if (!(error instanceof NodeError) || !hasCode(error.cause, 'IN_USE')) return error;
  return new NodeError('STORAGE', `${error.message}: is it running already? End that process, or give this one another folder`, { cause: error });
}
