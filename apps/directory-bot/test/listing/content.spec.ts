/** The listing is read in short steps, and is whole. */
import type { ChatStep, Group } from '@polyplex/chat';
import { expect, it } from 'vitest';
import { listingContent } from '../../src/listing/listing-content.ts';

const GROUPS = 120;
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(20, 1)]).toString('base64');

/** A store of groups; how many were read in each step. */
class Groups {
  readonly steps: number[] = [];
  /** After a step. */
  between: () => void = () => undefined;
  readonly gone = new Set<number>();

  change<T>(work: (step: ChatStep) => T): Promise<T> {
    let read = 0;
    const step = {
      now: 0, records: { get: (_kind: string, key: string) => this.#registration(Number(key)) },
      group: (groupId: number): Group => {
        read++;
        return groupOf(groupId);
      },
    };
    const result = work(step as unknown as ChatStep);
    this.steps.push(read);
    this.between();
    return Promise.resolve(result);
  }

  #registration(groupId: number): object | undefined {
    return this.gone.has(groupId) ? undefined : { groupId, state: 'active', createdAt: 0, isPromoted: groupId % 60 === 0 };
  }
}

function groupOf(groupId: number): Group {
  const profile = { displayName: `group ${String(groupId)}`, fullName: '', ...(groupId === 7 ? { image: `data:image/png;base64,${PNG}` } : {}) };
  return { groupId, profile, currentMembers: 1, activeAt: 0, link: { fullLink: `simplex:/contact#${String(groupId)}`, shortLink: null } } as unknown as Group;
}

const namesIn = (text: string): string[] => (JSON.parse(text) as { readonly entries: readonly { readonly displayName: string }[] }).entries.map(({ displayName }) => displayName);
const directory = { listed: () => Array.from({ length: GROUPS }, (_, at) => at + 1) };

it('no step reads more than fifty groups, and all are listed, in their order', async () => {
  const groups = new Groups();
  const { listing, promoted, images } = await listingContent(groups, directory);
  expect(groups.steps).toEqual([50, 50, 20]);
  expect(namesIn(listing)).toEqual(directory.listed().map((groupId) => `group ${String(groupId)}`));
  expect(namesIn(promoted)).toEqual(['group 60', 'group 120']);
  expect(images.size).toBe(1);
});

it('what is hidden before it is read is not listed', async () => {
  const groups = new Groups();
  groups.between = () => groups.gone.add(110);
  expect(namesIn((await listingContent(groups, directory)).listing)).not.toContain('group 110');
});
