/**
 * In which order a newcomer is told of the others (directory §2.4): who runs the group first, and those with an avatar before those without, as
 * they come first on its screen too; otherwise by chance, so that its first connections are not everybody's.
 */
import type { RosterEntry } from '../../records/roster.ts';

export type Introduced = Pick<RosterEntry, 'memberNumber' | 'isAdmin' | 'hasImage'>;

function rank({ isAdmin, hasImage }: Introduced): number {
  return (isAdmin ? 0 : 2) + (hasImage ? 0 : 1);
}

/** `random`: in [0, 1). Takes time linear in their number. */
export function introductionOrder(members: readonly Introduced[], random: () => number): number[] {
  const classes: number[][] = [[], [], [], []];
  for (const member of members) classes[rank(member)]!.push(member.memberNumber);
  return classes.flatMap((numbers) => shuffled(numbers, random));
}

function shuffled(numbers: number[], random: () => number): number[] {
  for (let last = numbers.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [numbers[last], numbers[other]] = [numbers[other]!, numbers[last]!];
  }
  return numbers;
}
