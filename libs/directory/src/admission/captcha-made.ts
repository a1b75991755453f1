/** An image or a voice was made, or could not be (directory §3.7): looks whether the joiner still waits for it. */
import type { Captcha } from '../records/records.ts';
import { CAPTCHA_TEXTS } from '../texts/captcha-texts.ts';
import { count, type Turn } from '../turn.ts';
import type { CaptchaJob } from './captcha-delivery.ts';
import { type Joiner, tellMember } from './dialogue.ts';
import { imageContent } from './generators.ts';

/** `result`: null where nothing came of it. */
export function onCaptchaMade(turn: Turn, { groupId, memberNumber, form, text }: CaptchaJob, result: string | null): void {
  if (result === null) count(turn, ({ generatorFailures }) => generatorFailures.add(form));
  const group = turn.step.group(groupId);
  const member = turn.step.member(groupId, memberNumber);
  const captcha = turn.records.captcha(groupId, memberNumber);
  if (group === undefined || member?.status !== 'pending_approval' || captcha?.text !== text) return;
  const joiner = { group, member };
  if (form === 'voice') voiceMade(turn, joiner, result);
  else if (captcha.isWaiting) imageMade(turn, joiner, captcha, result);
}

function voiceMade(turn: Turn, joiner: Joiner, result: string | null): void {
  if (result === null) tellMember(turn, joiner, CAPTCHA_TEXTS.audioFailed);
  else count(turn, ({ captchas }) => captchas.add('voice'));
}

/** The joiner has so long from now on. */
function imageMade(turn: Turn, joiner: Joiner, captcha: Captcha, image: string | null): void {
  const isImage = image !== null && tellMember(turn, joiner, imageContent(image));
  if (!isImage) tellMember(turn, joiner, captcha.text);
  turn.records.putCaptcha(joiner.group.groupId, joiner.member.memberNumber, { ...captcha, isWaiting: false, sentAt: turn.step.now });
  count(turn, ({ captchas }) => captchas.add(isImage ? 'image' : 'text'));
}
