/** What the operator may ask of the directory over the admin port. */
import type { Chat } from '@polyplex/chat';
import type { Directory } from '@polyplex/directory';
import type { DirectoryAdmin } from '@polyplex/nest';
import type { Publisher } from './listing/publisher.ts';

export interface DirectoryAdminParts {
  readonly chat: Chat;
  readonly directory: Directory;
  readonly publisher: Publisher;
}

export function directoryAdmin({ chat, directory, publisher }: DirectoryAdminParts): DirectoryAdmin {
  return {
    async admins() {
      const all = await chat.change((step) => directory.admins(step));
      return {
        admins: all.map(({ list, contactId, name, state, nameNow }) => ({
          setting: `botDirectory.${list}` as const, state, entry: `${contactId}:${name}`, entryNow: nameNow === null ? null : `${contactId}:${nameNow}`,
        })),
      };
    },
    async publish() {
      const at = await publisher.publish();
      return at === null ? null : { at: new Date(at).toISOString(), groups: directory.registrationCounts().get('active') ?? 0 };
    },
    async checkLinks() {
      const channels = await chat.change((step) => directory.hurryLinkChecks(step));
      return channels === null ? null : { channels };
    },
  };
}
