/** What admission keeps beside records: blocked names, and captchas that are being made. */
import type { BlockedNames } from './blocked-names.ts';
import type { CaptchaDelivery } from './captcha-delivery.ts';
import type { CaptchaText } from './generators.ts';

export interface Admission {
  readonly blocked: BlockedNames;
  readonly captchaText: CaptchaText;
  /** Null until the directory is attached to its chat client, and without generators. */
  delivery: CaptchaDelivery | null;
}
