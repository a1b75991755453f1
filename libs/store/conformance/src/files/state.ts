/**
 * The plain model of a whole FileStore: records by number, nothing else. Every change is made at once, and answers what
 * the store has to answer. Plain data, so that it can be copied to try several orders of steps.
 */
import type { BlockingInfo, FileUsage } from '@polyplex/store-contract';
import { HOUR_SECONDS } from './builders.ts';

interface ModelFile {
  readonly size: number;
  readonly createdHour: number;
  info: BlockingInfo | null;
  body: string | null;
}

interface ModelBody {
  readonly file: number;
  readonly size: number;
  state: 'under way' | 'lapsed' | 'held' | 'left';
}

export interface State {
  readonly files: Record<number, ModelFile>;
  /** Recipient → file. */
  readonly recipients: Record<number, number>;
  readonly bodies: Record<string, ModelBody>;
}

export const emptyState = (): State => ({ files: {}, recipients: {}, bodies: {} });

export function usageOf({ files, bodies }: State): FileUsage {
  return {
    files: Object.keys(files).length,
    uploaded: Object.values(files).filter(({ body }) => body !== null).length,
    bytes: Object.values(bodies).reduce((sum, { size }) => sum + size, 0),
  };
}

function accepts(state: State, given: readonly number[]): boolean {
  return given.every((recipient, i) => state.recipients[recipient] === undefined && given.indexOf(recipient) === i);
}

export function create(state: State, file: number, made: Pick<ModelFile, 'size' | 'createdHour'>, given: readonly number[]): string {
  if (state.files[file] !== undefined || !accepts(state, given)) return 'collision';
  state.files[file] = { ...made, info: null, body: null };
  for (const recipient of given) state.recipients[recipient] = file;
  return 'created';
}

export function addRecipients(state: State, file: number, given: readonly number[]): string {
  if (state.files[file] === undefined) return 'gone';
  if (!accepts(state, given)) return 'collision';
  for (const recipient of given) state.recipients[recipient] = file;
  return 'added';
}

export function acknowledge(state: State, recipient: number): boolean {
  const known = state.recipients[recipient] !== undefined;
  Reflect.deleteProperty(state.recipients, recipient);
  return known;
}

export function begin(state: State, file: number, bodyId: string, { quota, lapses }: { quota: number; lapses: boolean }): string {
  const found = state.files[file];
  if (found === undefined || found.info !== null) return 'gone';
  if (found.body !== null) return 'uploaded';
  if (usageOf(state).bytes + found.size > quota) return 'quota';
  state.bodies[bodyId] = { file, size: found.size, state: lapses ? 'lapsed' : 'under way' };
  return 'begun';
}

export function commit(state: State, file: number, bodyId: string): string {
  const [found, body] = [state.files[file], state.bodies[bodyId]];
  if (found === undefined || found.info !== null) return 'gone';
  if (found.body === bodyId) return 'committed';
  if (found.body !== null) return 'uploaded';
  if (body === undefined || body.file !== file || body.state !== 'under way') return 'gone';
  body.state = 'held';
  found.body = bodyId;
  return 'committed';
}

function leave(state: State, found: ModelFile): string | null {
  const { body } = found;
  if (body !== null) state.bodies[body]!.state = 'left';
  found.body = null;
  return body;
}

export function remove(state: State, file: number): { bodyId: string | null } | null {
  const found = state.files[file];
  if (found === undefined) return null;
  Reflect.deleteProperty(state.files, file);
  for (const [recipient, of] of Object.entries(state.recipients)) if (of === file) Reflect.deleteProperty(state.recipients, recipient);
  return { bodyId: leave(state, found) };
}

export function block(state: State, file: number, info: BlockingInfo): { bodyId: string | null } | null {
  const found = state.files[file];
  if (found === undefined) return null;
  found.info = info;
  return { bodyId: leave(state, found) };
}

export function unblock(state: State, file: number): boolean {
  const found = state.files[file];
  if (found !== undefined) found.info = null;
  return found !== undefined;
}

export function expire(state: State, beforeHour: number): { files: number; bodies: string[] } {
  const old = Object.keys(state.files).map(Number).filter((file) => state.files[file]!.createdHour < beforeHour);
  const bodies = old.flatMap((file) => remove(state, file)?.bodyId ?? []);
  return { files: old.length, bodies: bodies.sort() };
}

export function discard(state: State, bodyId: string): void {
  if (state.bodies[bodyId]?.state !== 'held') Reflect.deleteProperty(state.bodies, bodyId);
}

export function leftBodies(state: State): string[] {
  return Object.keys(state.bodies).filter((bodyId) => ['lapsed', 'left'].includes(state.bodies[bodyId]!.state)).sort();
}

export const hourToSeconds = (hour: number): number => hour * HOUR_SECONDS;
