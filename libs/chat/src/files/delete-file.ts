/** The end of a file, ours or another's. */
import type { Step } from '../step.ts';
import { oldFiles } from './ages.ts';
import { forgetOffer, giveUpOffer } from './offered.ts';
import { forgetSent, withdraw } from './sent.ts';

/** Nothing where it is unknown. Nothing is told of it any more. */
export function deleteFile(step: Step, fileId: string): void {
  const sent = step.records.get('sent-file', fileId);
  if (sent !== undefined) {
    step.agent.deleteFile(sent.transfer);
    forgetSent(step, fileId, sent);
    return withdraw(step, fileId, sent);
  }
  const offered = step.records.get('offered-file', fileId);
  if (offered === undefined) return;
  if (offered.transfer !== null) step.agent.deleteFile(offered.transfer);
  forgetOffer(step, fileId, offered);
}

/** Of long ago, some at a time; whether there may be more. Servers have forgotten them. */
export function forgetFiles(step: Step, atMost: number): boolean {
  const old = oldFiles(step, atMost);
  for (const fileId of old) {
    const sent = step.records.get('sent-file', fileId);
    if (sent === undefined) {
      giveUpOffer(step, fileId, 'EXPIRED');
      continue;
    }
    step.agent.deleteFile(sent.transfer);
    forgetSent(step, fileId, sent);
  }
  return old.length === atMost;
}
