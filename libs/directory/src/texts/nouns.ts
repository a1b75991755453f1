/** Groups that the bot was invited to are groups, and so are public groups; where its owners alone write, it is a channel (directory §3.8). */
import { shownName } from '../commands/names.ts';
import type { Registration } from '../records/records.ts';

export type Noun = 'group' | 'channel';

export function nounOf({ channel }: Pick<Registration, 'channel'>): Noun {
  return channel?.type ?? 'group';
}

export function capital(noun: Noun): string {
  return noun === 'group' ? 'Group' : 'Channel';
}

type Named = Pick<Registration, 'name' | 'channel'>;

/** `the group PSA` */
export function called(registration: Named): string {
  return `the ${nounOf(registration)} ${shownName(registration.name)}`;
}

/** At the beginning of a sentence. */
export function calledFirst(registration: Named): string {
  return `T${called(registration).slice(1)}`;
}
