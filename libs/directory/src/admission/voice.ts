/** Whether a voice message can be sent to who waits for approval (directory §1.5, §3.7). */
import type { Group, Member } from '@polyplex/chat';
import { groupAllows } from '@polyplex/protocol-chat';
import type { Turn } from '../turn.ts';

/** The host's voice message is accepted although the group forbids them. */
const HOST_VOICE_VERSION = 17;

export function isVoicePossible({ options, admission }: Turn, { group, member }: { readonly group: Group; readonly member: Member }): boolean {
  if (admission.delivery === null || options.generators?.voice === undefined) return false;
  return groupAllows(group.profile.groupPreferences, 'voice', group.own.role) || member.versions.max >= HOST_VOICE_VERSION;
}
