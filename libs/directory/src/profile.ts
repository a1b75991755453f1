/** The bot's own profile with its menu (directory §1.7). */
import type { BotCommand, Profile } from '@polyplex/protocol-chat';

/** Apps show them as a menu. */
const MENU: readonly BotCommand[] = [
  { type: 'command', keyword: 'new', label: 'New groups' },
  { type: 'command', keyword: 'help', label: 'How to list a group' },
  { type: 'command', keyword: 'list', label: 'Your groups' },
  {
    type: 'menu', label: 'Settings of a group', commands: [
      { type: 'command', keyword: 'role', label: 'Role of new members', params: '<ID>' },
      { type: 'command', keyword: 'filter', label: 'Who may join', params: '<ID>' },
      { type: 'command', keyword: 'link', label: 'Its link', params: '<ID>' },
    ],
  },
  { type: 'command', keyword: 'delete', label: 'Take a group off the directory', params: "<ID>:'<NAME>'" },
];

export function directoryProfile(serviceName: string, image?: string): Profile {
  return {
    displayName: serviceName,
    fullName: '',
    peerType: 'bot',
    ...(image === undefined ? {} : { image }),
    preferences: { files: { allow: 'no' }, voice: { allow: 'no' }, calls: { allow: 'no' }, commands: MENU },
  };
}
