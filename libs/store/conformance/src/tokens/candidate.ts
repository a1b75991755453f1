/**
 * One of the states that a store may be in, as far as its answers tell; with what the store calls the leases and revisions
 * that the model has under names of its own. A name that an answer gives anew must go with the names before it.
 */
import { toBase64Url } from '@polyplex/base';
import { emptyState, type State } from './model/state.ts';

export interface Candidate {
  readonly state: State;
  /** The store's name → the model's, and back. */
  readonly names: Map<string, string>;
}

export const emptyCandidate = (): Candidate => ({ state: emptyState(), names: new Map() });
export const copyOf = (candidate: Candidate): Candidate => structuredClone(candidate);

export const leaseName = (lease: string): string => `lease ${lease}`;
export const revisionName = ({ tokenId, revision }: { readonly tokenId: Uint8Array; readonly revision: number }): string =>
  `revision ${String(revision)} of ${toBase64Url(tokenId)}`;

/** The model's name; what the store never gave names nothing. */
export function modelName({ names }: Candidate, storeName: string): string {
  return names.get(`> ${storeName}`) ?? 'unknown';
}

function learn({ names }: Candidate, storeName: string, itsName: string): boolean {
  const [known, back] = [names.get(`> ${storeName}`), names.get(`< ${itsName}`)];
  if (known !== undefined || back !== undefined) return known === itsName && back === storeName;
  names.set(`> ${storeName}`, itsName);
  names.set(`< ${itsName}`, storeName);
  return true;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

/** Learns the names in an answer beside the model's same one; false: they do not go together with what is known. */
export function learnNames(candidate: Candidate, answer: unknown, expected: unknown): boolean {
  if (!isFields(answer) || !isFields(expected)) return true;
  if (typeof answer['lease'] === 'string' && !learn(candidate, leaseName(answer['lease']), leaseName(String(expected['lease'])))) return false;
  if (typeof answer['revision'] === 'number') {
    const nameOf = (value: Fields): string => revisionName(value as { tokenId: Uint8Array; revision: number });
    if (!learn(candidate, nameOf(answer), nameOf(expected))) return false;
  }
  return Object.keys(answer).every((name) => learnNames(candidate, answer[name], expected[name]));
}

/** A value as text, to be compared: byte strings as base64url, fields and maps in the order of their names; no names that stores choose. */
export function textOf(value: unknown): string {
  return JSON.stringify(value ?? null, (name, part: unknown) => {
    if (name === 'lease' || name === 'revision') return typeof part;
    return plain(part);
  });
}

/** As `textOf`, names included. */
export function wholeTextOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => plain(part));
}

function plain(part: unknown): unknown {
  if (part instanceof Uint8Array) return toBase64Url(part);
  if (!isFields(part) || Array.isArray(part)) return part;
  const entries = part instanceof Map ? [...(part as Map<string, unknown>)] : Object.entries(part);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
