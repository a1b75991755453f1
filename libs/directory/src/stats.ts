/** What the directory counts, without names of anybody or anything. */
import { Counter, CounterFamily } from '@polyplex/telemetry';
import type { CheckVerdict } from './channels/link-check.ts';
import type { CommandType } from './commands/command.ts';

/** How somebody's way into a group began, or ended. */
export type JoinOutcome =
  | 'rejected-name' | 'review' | 'captcha' | 'observer' | 'accepted' | 'captcha-passed' | 'captcha-failed' | 'filter-off';

export type CaptchaForm = 'text' | 'image' | 'voice';

/** `failed`: not this time, or another channel's. `gone`: the channel is removed. */
export type CheckOutcome = CheckVerdict | 'failed' | 'gone';

/** Why something was not answered. */
export type UnansweredReason = 'rate' | 'bot' | 'repeated' | 'content' | 'live';

export class DirectoryStats {
  readonly commands = new CounterFamily<CommandType>();
  /** By what was found: something, nothing, or a link that was looked up. */
  readonly searches = new CounterFamily<'found' | 'nothing' | 'link'>();
  readonly joins = new CounterFamily<JoinOutcome>();
  readonly captchas = new CounterFamily<CaptchaForm>();
  /** Image and voice generators that failed, took too long, or answered what cannot be sent. */
  readonly generatorFailures = new CounterFamily<'image' | 'voice'>();
  readonly registrations = new Counter();
  readonly approvals = new Counter();
  /** Cards of channels: what became a registration, or goes on with one, and the others. */
  readonly cards = new CounterFamily<'registered' | 'refused'>();
  /** Links of channels that were read again. */
  readonly linkChecks = new CounterFamily<CheckOutcome>();
  readonly unanswered = new CounterFamily<UnansweredReason>();
  /** Messages and actions that the chat client refused, by its codes. */
  readonly refused = new CounterFamily();
  /** Super-users and admins whose contact is not there, or has another name: notices to them are lost. */
  readonly missingAdmins = new Counter();
  /** Posts that their group forbids, for which their author became an observer. */
  readonly prohibitedPosts = new Counter();
  /** Errors that are bugs: the event was left as it was. */
  readonly faults = new Counter();
}
