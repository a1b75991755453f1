/** Voice captchas on their way to who waits for approval (directory §3.7). */
import type { ChatStep } from '@polyplex/chat';
import type { MemberPlace } from '@polyplex/directory';
import type { SpokenCaptcha } from './captcha-programs.ts';

/** Into the member's support chat, if it still waits. */
export function sendVoice(step: ChatStep, { groupId, memberNumber }: MemberPlace, { name, bytes, duration }: SpokenCaptcha): void {
  if (step.member(groupId, memberNumber)?.status !== 'pending_approval') return;
  step.sendToMember(groupId, memberNumber, { type: 'voice', text: '', duration }, { file: { name, bytes } });
}
