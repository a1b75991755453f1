/** What an operator sets (directory §3.10), as typed values: files are read and flags are parsed elsewhere. */
import { MINUTE, SECOND } from '@polyplex/base';
import type { Logger } from '@polyplex/telemetry';
import type { CaptchaGenerators, CaptchaText } from './admission/generators.ts';
import type { BlockedNameLists } from './admission/blocked-names.ts';
import { DirectoryError } from './directory-error.ts';

/** A contact, known by id and local name: both must match, so that a database that was begun anew gives nobody rights. */
export interface KnownContact {
  readonly contactId: number;
  readonly name: string;
}

export interface KnownGroup {
  readonly groupId: number;
  readonly name: string;
}

export interface DirectoryOptions {
  readonly superUsers: readonly KnownContact[];
  readonly adminUsers?: readonly KnownContact[];
  /** Owners of approved groups are invited to it. */
  readonly ownersGroup?: KnownGroup | null;
  /** As the bot calls itself; default `SimpleX Directory`. */
  readonly serviceName?: string;
  /** Where the rules are read; none by default. */
  readonly rulesLink?: string | null;
  /** Code points of a joiner's name; default: no limit. */
  readonly profileNameLimit?: number;
  readonly blocked?: Partial<BlockedNameLists>;
  /** Every joiner sees a captcha, whatever the group's filter says. */
  readonly alwaysCaptcha?: boolean;
  /** Every joiner is reviewed by the group's admins. */
  readonly knocking?: boolean;
  /** Who posts what the group forbids becomes an observer. */
  readonly prohibitedToObserver?: boolean;
  /** Entries in one answer to a search; default 10. */
  readonly pageSize?: number;
  /** Registrations of one contact, removed ones aside; default 100. */
  readonly maxRegistrations?: number;
  /** How often the link of each channel is read again, milliseconds; 0, the default: never. */
  readonly linkCheckMs?: number;
  readonly generators?: CaptchaGenerators;
  /** Where no generator makes images, captchas are drawn by the bot itself; default: they are text. */
  readonly drawsCaptchas?: boolean;
  /** Random text of a captcha; for tests. */
  readonly captchaText?: CaptchaText;
  readonly log?: Logger;
}

export const DEFAULT_SERVICE_NAME = 'SimpleX Directory';
export const DEFAULT_PAGE_SIZE = 10;
export const DEFAULT_MAX_REGISTRATIONS = 100;

/** A search is gone on with for so long. */
export const SEARCH_MEMORY_MS = 300 * SECOND;
/** A card whose link has not been read by then never will: another one may be sent. */
export const CARD_MEMORY_MS = 15 * MINUTE;
export const CAPTCHA_EXPIRY_MS = 600 * SECOND;
export const CAPTCHA_ATTEMPTS = 5;
/** How long a generator may take. */
export const GENERATOR_TIMEOUT_MS = MINUTE;
/** Generators at work at once, and how many captchas may wait for one; those beyond are sent as text. */
export const MAX_GENERATORS = 4;
export const MAX_WAITING_CAPTCHAS = 100;

const MAX_PAGE_SIZE = 50;

/** Throws `DirectoryError` OPTIONS. */
export function checkOptions(options: DirectoryOptions): void {
  const { pageSize = DEFAULT_PAGE_SIZE, maxRegistrations = DEFAULT_MAX_REGISTRATIONS, profileNameLimit = 1 } = options;
  const { linkCheckMs = 0 } = options;
  const isWrong = [pageSize, maxRegistrations, profileNameLimit, linkCheckMs + 1].some((value) => !Number.isSafeInteger(value) || value < 1);
  if (isWrong || pageSize > MAX_PAGE_SIZE) throw new DirectoryError('OPTIONS', 'a limit of the directory is not a positive number, or pages are too long');
}
