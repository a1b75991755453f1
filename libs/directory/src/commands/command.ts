/** What people write to the directory, understood (directory §3.5). */
import type { FilterArguments } from '../admission/filter.ts';

/** `<ID>:<name>`; null where the name was left out. */
export interface GroupReference {
  readonly id: number;
  readonly name: string | null;
}

type JoinerRole = 'member' | 'observer';

export type Command =
  | { readonly type: 'help'; readonly topic: 'registration' | 'commands' }
  | { readonly type: 'search'; readonly text: string }
  | { readonly type: 'next' | 'all' | 'new' | 'list' | 'whoami' }
  | { readonly type: 'confirm' | 'delete' | 'link'; readonly group: GroupReference }
  | { readonly type: 'role'; readonly group: GroupReference; readonly role: JoinerRole | null }
  | { readonly type: 'filter'; readonly group: GroupReference; readonly filter: FilterArguments | null }
  | { readonly type: 'submit' }
  | { readonly type: 'approve'; readonly group: GroupReference; readonly code: number; readonly promote: boolean | null }
  | { readonly type: 'reject' | 'suspend' | 'resume' | 'invite'; readonly group: GroupReference }
  | { readonly type: 'last' | 'pending'; readonly count: number }
  | { readonly type: 'owner'; readonly group: GroupReference; readonly text: string }
  | { readonly type: 'promote'; readonly group: GroupReference; readonly isOn: boolean }
  | { readonly type: 'exec'; readonly text: string }
  | { readonly type: 'unknown' | 'error' };

export type CommandType = Command['type'];

/** What a group with this id is called, as its asker counts ids: names are recognised by it, however they are quoted. */
export type NameOf = (id: number, command: CommandType) => string | null;
