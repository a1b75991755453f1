/** A message through the ratchet of its connection, or through one that was before it (agent §5.6). What has changed is in the step. */
import { openMessage, type Received } from '../ratchet/decrypt.ts';
import { RatchetError } from '../ratchet/ratchet-error.ts';
import type { Ratchet } from '../ratchet/state.ts';
import { formersOf } from '../resync/former.ts';
import type { Step } from '../step.ts';
import { type OfRatchet, removeSkipped, skippedOf, storeSkipped } from './skipped.ts';

export interface Opened {
  readonly text: Uint8Array;
  /** By a ratchet that was begun anew since: this says nothing of the present one. */
  readonly isFormer: boolean;
}

/** An error is of the present ratchet, or DUPLICATE. */
export function openText(step: Step, connectionId: string, encrypted: Uint8Array): Opened | RatchetError {
  const ratchet = step.get('ratchet', connectionId);
  if (ratchet === undefined) return new RatchetError('HEADER', 'the connection has no keys yet');
  const opened = attempt(step, { connectionId, ratchet }, encrypted);
  if (opened instanceof RatchetError) return opened.code === 'HEADER' ? byFormer(step, connectionId, encrypted) ?? opened : opened;
  step.put('ratchet', connectionId, opened.ratchet);
  return { text: opened.text, isFormer: false };
}

/** Null: it belongs to none of them. */
function byFormer(step: Step, connectionId: string, encrypted: Uint8Array): Opened | RatchetError | null {
  for (const { key, value } of formersOf(step, connectionId)) {
    const opened = attempt(step, { connectionId, ratchet: value.ratchet }, encrypted);
    if (opened instanceof RatchetError) {
      if (opened.code !== 'HEADER') return new RatchetError('DUPLICATE', 'a message of a former ratchet that is not missing');
      continue;
    }
    step.put('former', key, { ...value, ratchet: opened.ratchet });
    return { text: opened.text, isFormer: true };
  }
  return null;
}

function attempt(step: Step, of: OfRatchet, encrypted: Uint8Array): Received | RatchetError {
  try {
    const opened = openMessage(of.ratchet, skippedOf(step, of), encrypted, step.fresh);
    storeSkipped(step, of, opened.skipped);
    if (opened.used !== null) removeSkipped(step, of, opened.used);
    return opened;
  } catch (error) {
    if (error instanceof RatchetError) return error;
    throw error;
  }
}

/** Whether the connection's ratchet has a sending chain. */
export function hasSendingChain(ratchet: Ratchet | undefined): boolean {
  return ratchet !== undefined && ratchet.sending !== null;
}
