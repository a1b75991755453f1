/** The dialogue with who wants to join (directory §3.7). */
import { shownName } from '../commands/names.ts';

export const CAPTCHA_TEXTS = {
  asked: (name: string, hasVoice: boolean) => `Please send the text that follows to join the group *${shownName(name)}*.${hasVoice ? '\nTo hear it instead, send /audio' : ''}`,
  unexpected: 'Your message was not expected. Please send the text that follows to join.',
  expired: 'The captcha has expired. Please send the new text that follows.',
  incorrect: 'Incorrect text. Please try again with the new one that follows.',
  lastAttempt: 'Incorrect text. This is your last attempt: please send the text that follows.',
  tooMany: 'Incorrect text, too many attempts. You can ask to join again later.',
  correct: (name: string) => `Correct, you joined the group *${shownName(name)}*.`,
  unknown: 'Unknown command, please enter captcha text.',
  waiting: 'The captcha is being made, please wait.',
  audioOn: 'A voice message with the same text follows.',
  audioAlready: 'Audio captcha is already enabled.',
  audioImpossible: 'Voice captcha cannot be sent to you: update the app to v6.5 or later, or use the text.',
  audioFailed: 'The voice captcha could not be made. Please use the text.',
} as const;
