/** The bot's process, and the store that it is started on. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from '@polyplex/crypto';
import { formatAddress, type ServerAddress } from '@polyplex/protocol-common';
import type { EventName } from '@polyplex/protocol-chat';
import { openRecordStore } from '@polyplex/store-embedded';
import type { RecordStore } from '@polyplex/store-contract';
import { type ServerProcess, startServer } from './server-process.ts';
import type { StepTimes } from '../../libs/chat/bench/timed-store.ts';

export type BotQuestion =
  | { readonly ask: 'start' }
  /** A link for a group. */
  | { readonly ask: 'link'; readonly groupId: number }
  /** How many messages of this event it has given to its agent. */
  | { readonly ask: 'sent'; readonly event: EventName }
  | { readonly ask: 'steps' };

export interface BotAnswer {
  readonly start: { readonly address: string; readonly startMs: number };
  readonly link: string;
  readonly sent: number;
  readonly steps: StepTimes;
}

export interface BotProcess extends ServerProcess {
  tell<Q extends BotQuestion>(question: Q): Promise<BotAnswer[Q['ask']]>;
}

/** A folder with a key, and a store in it as `fill` leaves it. */
export async function botFolder(parts: AsyncDisposableStack, fill: (store: RecordStore) => Promise<void>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-bench-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const key = randomBytes(32);
  await writeFile(join(folder, 'key'), key);
  const store = await openRecordStore({ path: join(folder, 'bot'), key });
  await fill(store);
  await store.close();
  return folder;
}

export async function startBot(parts: AsyncDisposableStack, folder: string, relay: ServerAddress): Promise<BotProcess> {
  const server = await startServer('directory-bot', folder, formatAddress(relay, 'smp'));
  parts.defer(() => server.stop());
  return { ...server, tell: (question) => server.ask(question) };
}
