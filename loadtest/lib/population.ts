/**
 * Users and who knows whom. Each worker has users of its own, in rings of contacts and in groups; names follow from numbers, so
 * that every virtual user of k6 knows all of them without being told.
 */
import { WORKERS, USERS } from './settings.ts';
import { demand } from './swarm.ts';

/** Contacts of a user in each direction of the ring. */
const NEIGHBOURS = 2;
/** Sizes of groups, as they are: many small ones, few large ones. */
const GROUP_SIZES: readonly number[] = [3, 3, 4, 5, 8, 12];

/** Of three users one comes and goes; the two others stay on-line, and they are who sends. */
const THIRD = 3;
export const PER_WORKER = Math.max(6, THIRD * Math.ceil(USERS / WORKERS.length / THIRD));

export function nameOf(index: number): string {
  return `u${index % PER_WORKER}`;
}

export function stays(name: string): boolean {
  return Number(name.slice(1)) % THIRD !== THIRD - 1;
}

export function below(count: number): number {
  return Math.floor(Math.random() * count);
}

export function anyWorker(): number {
  return below(WORKERS.length);
}

/** Somebody who comes and goes, and a contact who stays. */
export function comer(): { readonly away: string; readonly friend: string } {
  const index = THIRD * below(PER_WORKER / THIRD) + THIRD - 1;
  return { away: nameOf(index), friend: nameOf(index + 1) };
}

/** Somebody who stays and a contact, who may be away. */
export function anyPair(): { readonly from: string; readonly to: string } {
  const index = THIRD * below(PER_WORKER / THIRD) + below(THIRD - 1);
  const distance = 1 + below(NEIGHBOURS);
  return { from: nameOf(index), to: nameOf(Math.random() < 0.5 ? index + distance : index + PER_WORKER - distance) };
}

/** Connects everybody. */
export function connectAll(): void {
  eachUser((worker, index) => demand(worker, 'connect', { user: nameOf(index) }));
}

/** Makes the ring of contacts. */
export function befriendAll(): void {
  const made = new Set<string>();
  eachUser((worker, index) => {
    for (let distance = 1; distance <= NEIGHBOURS; distance++) {
      const [a, b] = [nameOf(index), nameOf(index + distance)];
      const key = `${worker} ${[a, b].sort().join(' ')}`;
      if (a === b || made.has(key)) continue;
      made.add(key);
      demand(worker, 'pair', { a, b });
    }
  });
}

interface Group {
  readonly name: string;
  readonly members: readonly string[];
}

/** Everybody is in one group; the last one takes who is left. */
export function groups(): readonly Group[] {
  const made: Group[] = [];
  for (let at = 0, n = 0; at < PER_WORKER; n++) {
    const size = Math.min(GROUP_SIZES[n % GROUP_SIZES.length]!, PER_WORKER - at);
    const members = Array.from({ length: size }, (_, i) => nameOf(at + i));
    if (size > 1) made.push({ name: `g${n}`, members });
    at += size;
  }
  return made;
}

export function groupAll(): void {
  WORKERS.forEach((_, worker) => {
    for (const { name, members } of groups()) demand(worker, 'group', { group: name, members: [...members] });
  });
}

function eachUser(task: (worker: number, index: number) => void): void {
  for (let index = 0; index < PER_WORKER; index++) WORKERS.forEach((_, worker) => task(worker, index));
}
