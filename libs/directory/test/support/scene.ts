/** One group in any state, with its owner and a super-user. */
import { Bot } from './bot.ts';
import { linkOf } from './links.ts';
import type { InvitedGroup, Person } from './people.ts';

export interface Scene {
  readonly bot: Bot;
  readonly alice: Person;
  readonly bob: Person;
  readonly group: InvitedGroup;
}

export const PROFILE = { fullName: 'Privacy', shortDescr: 'Short', description: 'Hello there' };

/** A group that waits for approval; its submission is read. */
export function scene(): Scene {
  const bot = new Bot();
  const alice = bot.person('alice');
  const bob = bot.person('bob');
  const group = bob.registers('PSA', { profile: PROFILE });
  alice.heard();
  return { bot, alice, bob, group };
}

type State = 'pending_approval' | 'active' | 'suspended' | 'suspended_bad_roles' | 'removed' | 'pending_confirmation' | 'proposed';

/** A group in that state, with a link; notices are read. */
export function sceneIn(state: State): Scene {
  const made = scene();
  const { bot, alice, bob, group } = made;
  if (state === 'pending_confirmation') {
    return readIn({ ...made, group: bob.invites('PSA', { profile: PROFILE }) });
  }
  if (state === 'proposed') {
    const other = bob.invites('other', { profile: PROFILE, fails: true });
    return readIn({ ...made, group: other });
  }
  group.approvedBy(alice);
  if (state === 'suspended') alice.says('/suspend 1:PSA');
  if (state === 'suspended_bad_roles') group.setBotRole('member');
  if (state === 'pending_approval') group.changes({ shortDescr: 'Other' });
  if (state === 'removed') group.leaves(group.host);
  bot.state.setGroup(group.groupId, { link: linkOf(group.groupId) });
  return readIn(made);
}

function readIn(made: Scene): Scene {
  made.alice.heard();
  made.bob.heard();
  return made;
}

