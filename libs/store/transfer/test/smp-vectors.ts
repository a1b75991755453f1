/** Data folders of a relay of the reference, and what it delivered from them. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { toBase64Url } from '@polyplex/base';
import type { JournalFiles } from '../src/index.ts';

export const FOLDERS = ['smp-server-memory', 'smp-server-journal'] as const;
export type VectorFolder = (typeof FOLDERS)[number];

interface Key {
  readonly publicSpkiDer: string;
}

export interface ExpectedQueue {
  readonly name: string;
  readonly mode: 'messaging' | 'contact' | null;
  readonly status: 'active' | 'off' | 'deleted';
  readonly recipientKeys: readonly Key[];
  readonly recipientId: string;
  readonly senderId: string;
  readonly dhSecret: string;
  readonly senderKey?: Key;
  readonly notifier?: { readonly notifierId: string; readonly key: Key; readonly dhSecret: string };
  readonly linkId?: string;
  readonly linkFixedData?: string;
  readonly linkUserData?: string;
  readonly serviceId?: string;
  readonly messages: readonly { readonly msgId: string; readonly timestamp?: number; readonly notification?: boolean; readonly body?: string; readonly quota?: true }[];
}

export interface Expected {
  readonly service: { readonly serviceId: string; readonly role: 'M'; readonly certHash: string; readonly chainDer: readonly string[] };
  readonly queues: readonly ExpectedQueue[];
}

const url = (folder: VectorFolder, name: string): URL => new URL(`vectors/${folder}/${name}`, import.meta.url);

export const vector = (folder: VectorFolder, name: string): Buffer => readFileSync(url(folder, name));
export const expectedOf = (folder: VectorFolder): Expected => JSON.parse(vector(folder, 'expected.json').toString()) as Expected;
/** Those that are there. */
export const liveQueues = (folder: VectorFolder): ExpectedQueue[] => expectedOf(folder).queues.filter(({ status }) => status !== 'deleted');
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The journals of the second folder. */
export const vectorJournals: JournalFiles = {
  state: (recipientId) => journal(recipientId, `queue_state.${toBase64Url(recipientId)}.log`),
  messages: (recipientId, id) => journal(recipientId, `messages.${id}.log`),
};

async function journal(recipientId: Uint8Array, name: string): Promise<Uint8Array | null> {
  const [, a, b, c, d, rest] = /^(..)(..)(..)(..)(.*)$/.exec(toBase64Url(recipientId))!;
  const folder = `log/messages/${[a, b, c, d, rest].join('/')}`;
  const path = url('smp-server-journal', `${folder}/${name}`);
  return existsSync(path) ? readFile(path) : null;
}
