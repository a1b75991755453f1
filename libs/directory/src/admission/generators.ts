/** What makes captchas into images and voices: programs outside of the bot, behind a port. */
import type { MessageContent } from '@polyplex/protocol-chat';

export type CaptchaText = () => string;

export interface VoiceCaptcha {
  /** A file, to be deleted when it was sent. */
  readonly path: string;
  /** Seconds. */
  readonly duration: number;
}

export interface MemberPlace {
  readonly groupId: number;
  readonly memberNumber: number;
}

/** All may reject, take forever or answer nonsense. */
export interface CaptchaGenerators {
  /** What the program wrote. Absent: captchas are text. */
  readonly image?: (text: string) => Promise<string>;
  /** Makes the voice form and sends it into the member's support chat. Absent: there is none. */
  readonly voice?: (text: string, member: MemberPlace) => Promise<void>;
}

/** Of what a program writes; beyond it the rest is not looked at. */
export const MAX_GENERATOR_OUTPUT = 64 * 1024;
const MAX_IMAGE_BYTES = 12_500;
const DATA_URI = /^data:image\/(?:png|jpg|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function firstLines(output: string): readonly string[] {
  return output.slice(0, MAX_GENERATOR_OUTPUT).split('\n', 2).map((line) => line.trim());
}

/** The first line: a data URI, or the base64 of a JPEG image. Null where it is empty, too long, or something else. */
export function readImageOutput(output: string): string | null {
  const line = firstLines(output)[0] ?? '';
  if (line.length > MAX_IMAGE_BYTES) return null;
  if (DATA_URI.test(line)) return line;
  const uri = `data:image/jpg;base64,${line}`;
  return BASE64.test(line) && uri.length <= MAX_IMAGE_BYTES ? uri : null;
}

const MAX_VOICE_SECONDS = 300;

/** A path and a duration, a line each. Null for anything else. */
export function readVoiceOutput(output: string): VoiceCaptcha | null {
  const [path = '', seconds = ''] = firstLines(output);
  const duration = /^\d{1,4}$/.test(seconds) ? Number(seconds) : 0;
  return path === '' || path.includes('\0') || duration < 1 || duration > MAX_VOICE_SECONDS ? null : { path, duration };
}

export function imageContent(image: string): MessageContent {
  return { type: 'image', text: '', image };
}
