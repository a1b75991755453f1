/** Groups as a directory has them: listed, with long welcome messages, and one in five with a picture. */
import type { ChatStep } from '@polyplex/chat';
import { randomBytes } from '@polyplex/crypto';
import { DirectoryRecords, SALT_BYTES } from '../src/records/directory-records.ts';

const WORDS = ['garden', 'privacy', 'music', 'cats', 'weather', 'books', 'chess', 'linux', 'walks', 'cooking'];

/** Numbers from one, up to another, which is not among them; answers the groups' ids. `rarity` finds one in a hundred, `garden` nearly all. */
export function addListedGroups(step: ChatStep, { from, until }: { readonly from: number; readonly until: number }): readonly number[] {
  const records = new DirectoryRecords(step.records);
  records.prepare(() => randomBytes(SALT_BYTES));
  return Array.from({ length: until - from }, (_, at) => addGroup(step, records, from + at));
}

function addGroup(step: ChatStep, records: DirectoryRecords, number: number): number {
  const words = Array.from({ length: 120 }, (_, at) => WORDS[(number * 7 + at * at) % WORDS.length]!).join(' ');
  const image = number % 5 === 0 ? { image: `data:image/jpg;base64,${Buffer.from(randomBytes(6000)).toString('base64')}` } : {};
  const { groupId } = step.createGroup({ displayName: `Group ${number}`, fullName: '', description: `${words} ${number % 100 === 0 ? 'rarity' : ''}`, ...image });
  records.putRegistration({
    groupId, userNumber: number, contactId: 1, ownerMemberId: 'x', state: 'active', code: 0, isPromoted: false, createdAt: number * 1000, name: `Group ${number}`, approving: null,
  });
  return groupId;
}
