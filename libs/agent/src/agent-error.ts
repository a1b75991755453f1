/** What an agent refuses, or cannot do. */
import { CodedError } from '@polyplex/base';

/**
 * `VERSION`: no version that both sides speak; `LINK`: it cannot be read, or what is behind it is not what it promises; `UNKNOWN`: no
 * such connection or offer; `PROHIBITED`: not in this state; `TOO_LARGE`: it does not fit a message; `NO_SERVER`: no relay is
 * configured for new queues; `NOT_AVAILABLE`: the other side's queue is gone or taken; `BLOCKED`: who runs its relay has blocked it.
 */
export type AgentErrorCode = 'VERSION' | 'LINK' | 'UNKNOWN' | 'PROHIBITED' | 'TOO_LARGE' | 'NO_SERVER' | 'NOT_AVAILABLE' | 'BLOCKED';

export class AgentError extends CodedError<AgentErrorCode> {
  override readonly name = 'AgentError';
}
