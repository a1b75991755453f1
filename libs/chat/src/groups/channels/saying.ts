/** What we say in a channel: to its relays, signed, since they pass on what changes anything only so (directory §3.8). */
import { binaryBatch, channelBinding, signMessage } from '@polyplex/protocol-chat';
import type { Step } from '../../step.ts';
import { ownKeys } from './keys.ts';

/** The body of one message for a relay. Throws UNKNOWN where we are not in the channel. */
export function relayBody(step: Step, groupId: number, text: string): Uint8Array {
  const { channel, own } = step.knownGroup(groupId);
  const { privateKey } = ownKeys(step, groupId);
  return binaryBatch([signMessage(text, channelBinding(channel!.publicGroupId, own.memberId), privateKey)]);
}
