/** The captcha dialogue in the support chat of who waits for approval (directory §3.7). */
import type { ChatEvent, ChatMessage, Group, Member } from '@polyplex/chat';
import type { Quote } from '@polyplex/protocol-chat';
import { quoteOf } from '../commands/asker.ts';
import { fitting } from '../message-size.ts';
import { CAPTCHA_ATTEMPTS, CAPTCHA_EXPIRY_MS, GENERATOR_TIMEOUT_MS } from '../options.ts';
import type { Captcha } from '../records/records.ts';
import { CAPTCHA_TEXTS } from '../texts/captcha-texts.ts';
import { attempt, count, text, type Turn } from '../turn.ts';
import { isCaptchaAnswer } from './captcha-text.ts';
import { DEFAULT_SETTINGS, needsCaptcha } from './decide.ts';
import { drawCaptcha } from './draw-captcha.ts';
import { appliesTo, FILTER_PRESETS } from './filter.ts';
import { imageContent } from './generators.ts';
import { isVoicePossible } from './voice.ts';

export interface Joiner {
  readonly group: Group;
  readonly member: Member;
}

export function tellMember(turn: Turn, { group, member }: Joiner, content: Parameters<typeof fitting>[0] | string, quote?: Quote): boolean {
  const whole = typeof content === 'string' ? text(content) : content;
  const options = quote === undefined ? {} : { quote };
  return attempt(turn, () => turn.step.sendToMember(group.groupId, member.memberNumber, fitting(whole), options)) !== undefined;
}

interface Issued {
  readonly notice: string;
  readonly attempts: number;
  readonly isAudio: boolean;
}

/** A new text. Where a generator makes its image, that follows. */
function issue(turn: Turn, joiner: Joiner, { notice, attempts, isAudio }: Issued): void {
  const { group: { groupId }, member: { memberNumber } } = joiner;
  const captcha = turn.admission.captchaText();
  const isGenerated = turn.admission.delivery !== null && turn.options.generators?.image !== undefined;
  turn.records.putCaptcha(groupId, memberNumber, { text: captcha, sentAt: turn.step.now, attempts, isAudio, isWaiting: isGenerated });
  tellMember(turn, joiner, notice);
  if (isGenerated) begin(turn, joiner, 'image', captcha);
  else sendNow(turn, joiner, captcha);
  if (isAudio) begin(turn, joiner, 'voice', captcha);
}

/** Drawn here, or as text. */
function sendNow(turn: Turn, joiner: Joiner, captcha: string): void {
  const image = turn.options.drawsCaptchas === true ? drawCaptcha(captcha) : null;
  tellMember(turn, joiner, image === null ? captcha : imageContent(image));
  count(turn, ({ captchas }) => captchas.add(image === null ? 'text' : 'image'));
}

function begin({ step, admission }: Turn, { group: { groupId }, member: { memberNumber } }: Joiner, form: 'image' | 'voice', captcha: string): void {
  step.afterwards(() => admission.delivery?.begin({ groupId, memberNumber, form, text: captcha }));
}

export function onLinkJoined(turn: Turn, { group, member }: Extract<ChatEvent, { type: 'link-joined' }>): void {
  if (member.status !== 'pending_approval') return;
  const notice = CAPTCHA_TEXTS.asked(group.profile.displayName, isVoicePossible(turn, { group, member }));
  issue(turn, { group, member }, { notice, attempts: 0, isAudio: false });
}

/** A message of who waits for approval. */
export function onPendingMessage(turn: Turn, joiner: Joiner, message: ChatMessage): void {
  if (message.container.live === true || !isWithinMemberLimits(turn, joiner)) return;
  const { group: { groupId }, member: { memberNumber, profile } } = joiner;
  const { filter } = turn.records.settings(groupId) ?? { filter: FILTER_PRESETS.off };
  if (!needsCaptcha(turn.options, filter, profile)) return approve(turn, joiner, message, 'filter-off');
  const captcha = turn.records.captcha(groupId, memberNumber);
  if (captcha === undefined) return issue(turn, joiner, { notice: CAPTCHA_TEXTS.unexpected, attempts: 0, isAudio: false });
  const words = message.container.content.text.trim();
  if (words === '/audio') return onAudio(turn, joiner, captcha, message);
  if (words.startsWith('/') || words === '.') return void tellMember(turn, joiner, CAPTCHA_TEXTS.unknown, quoteIn(joiner, message));
  onAnswer(turn, joiner, captcha, message);
}

function quoteIn({ member }: Joiner, message: ChatMessage): Quote {
  return quoteOf(message, member.memberId);
}

/** Wrong answers end by themselves; what is not counted is limited here. */
function isWithinMemberLimits({ limits, step }: Turn, { group: { groupId }, member: { memberNumber, profile } }: Joiner): boolean {
  const key = `member ${groupId}/${memberNumber}`;
  return limits.take({ key, now: step.now, kind: profile.peerType === 'bot' ? 'bot' : 'person', text: null }) === 'answer';
}

function onAnswer(turn: Turn, joiner: Joiner, captcha: Captcha, message: ChatMessage): void {
  const age = turn.step.now - captcha.sentAt;
  const { attempts, isAudio } = captcha;
  if (captcha.isWaiting && age <= 2 * GENERATOR_TIMEOUT_MS) return void tellMember(turn, joiner, CAPTCHA_TEXTS.waiting);
  if (captcha.isWaiting || age > CAPTCHA_EXPIRY_MS) return issue(turn, joiner, { notice: CAPTCHA_TEXTS.expired, attempts, isAudio });
  if (isCaptchaAnswer(captcha.text, message.container.content.text.trim())) return approve(turn, joiner, message, 'captcha-passed');
  const wrong = attempts + 1;
  if (wrong >= CAPTCHA_ATTEMPTS) return fail(turn, joiner, message);
  const notice = wrong === CAPTCHA_ATTEMPTS - 1 ? CAPTCHA_TEXTS.lastAttempt : CAPTCHA_TEXTS.incorrect;
  issue(turn, joiner, { notice, attempts: wrong, isAudio });
}

function fail(turn: Turn, joiner: Joiner, message: ChatMessage): void {
  const { group: { groupId }, member: { memberNumber } } = joiner;
  turn.records.removeCaptcha(groupId, memberNumber);
  tellMember(turn, joiner, CAPTCHA_TEXTS.tooMany, quoteIn(joiner, message));
  attempt(turn, () => turn.step.removeMember(groupId, memberNumber));
  count(turn, ({ joins }) => joins.add('captcha-failed'));
}

function approve(turn: Turn, joiner: Joiner, message: ChatMessage, outcome: 'captcha-passed' | 'filter-off'): void {
  const { group: { groupId, profile: { displayName } }, member: { memberNumber, profile } } = joiner;
  const { filter, joinerRole } = turn.records.settings(groupId) ?? { ...DEFAULT_SETTINGS, filter: FILTER_PRESETS.off };
  turn.records.removeCaptcha(groupId, memberNumber);
  tellMember(turn, joiner, CAPTCHA_TEXTS.correct(displayName), quoteIn(joiner, message));
  const role = appliesTo(filter.makeObserver, profile) ? 'observer' : joinerRole;
  attempt(turn, () => turn.step.approveMember(groupId, memberNumber, role));
  count(turn, ({ joins }) => joins.add(outcome));
}

function onAudio(turn: Turn, joiner: Joiner, captcha: Captcha, message: ChatMessage): void {
  const quote = quoteIn(joiner, message);
  if (turn.options.generators?.voice === undefined) return void tellMember(turn, joiner, CAPTCHA_TEXTS.unknown, quote);
  if (!isVoicePossible(turn, joiner)) return void tellMember(turn, joiner, CAPTCHA_TEXTS.audioImpossible, quote);
  if (captcha.isAudio) return void tellMember(turn, joiner, CAPTCHA_TEXTS.audioAlready, quote);
  turn.records.putCaptcha(joiner.group.groupId, joiner.member.memberNumber, { ...captcha, isAudio: true });
  tellMember(turn, joiner, CAPTCHA_TEXTS.audioOn, quote);
  begin(turn, joiner, 'voice', captcha.text);
}
