/** What comes and is passed over: told to the application, never the end of a connection. */
import type { Step } from '../step.ts';

export function ignored(step: Step, { connectionId }: { readonly connectionId: string }, reason: string): null {
  step.emit({ type: 'ignored', connectionId, reason });
  return null;
}
