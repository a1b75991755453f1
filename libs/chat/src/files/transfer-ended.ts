/** What the agent tells of files. */
import type { FileEvent } from '@polyplex/agent';
import type { Step } from '../step.ts';
import { forgetOffer } from './offered.ts';
import { describe, forgetSent, withdraw } from './sent.ts';

export function transferEnded(step: Step, event: FileEvent): void {
  const fileId = step.records.get('transfer', event.fileId);
  if (fileId === undefined) return;
  if (step.records.get('sent-file', fileId) === undefined) receiving(step, fileId, event);
  else sending(step, fileId, event);
}

function sending(step: Step, msgId: string, event: FileEvent): void {
  const sent = step.records.get('sent-file', msgId)!;
  const file = { fileId: msgId, msgId, isOurs: true };
  if (event.type === 'file-sent') {
    describe(step, msgId, { to: sent.to, descriptions: event.descriptions });
    step.emit({ type: 'file-sent', file });
  }
  if (event.type === 'file-failed') {
    forgetSent(step, msgId, sent);
    step.agent.deleteFile(event.fileId);
    step.emit({ type: 'file-failed', file, reason: event.reason });
    withdraw(step, msgId, sent);
  }
}

function receiving(step: Step, fileId: string, event: FileEvent): void {
  const offered = step.records.get('offered-file', fileId);
  if (offered === undefined || event.type === 'file-sent') return;
  const file = { fileId, msgId: offered.msgId, isOurs: false };
  forgetOffer(step, fileId, offered);
  step.agent.deleteFile(event.fileId);
  step.emit(event.type === 'file-received' ? { type: 'file-received', file, path: event.path, size: event.size } : { type: 'file-failed', file, reason: event.reason });
}
