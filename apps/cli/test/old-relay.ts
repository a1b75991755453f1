/** A relay of the reference as it lies on a disk: one that ran, from the vectors of the store's library, or one made for tests. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toBase64Url } from '@polyplex/base';
import { encodePublicKey } from '@polyplex/crypto';

const VECTORS = fileURLToPath(new URL('../../../libs/store/transfer/test/vectors/', import.meta.url));

export type VectorName = 'smp-server-memory' | 'smp-server-journal';

interface ExpectedKey {
  readonly privatePkcs8Der: string;
}

/** As the vectors tell it; all in hex. */
export interface ExpectedQueue {
  readonly name: string;
  readonly status: 'active' | 'off' | 'deleted';
  readonly mode: string | null;
  readonly recipientKeys: readonly ExpectedKey[];
  readonly recipientId: string;
  readonly senderId: string;
  readonly dhSecret: string;
  readonly senderKey?: ExpectedKey;
  readonly notifier?: { readonly notifierId: string; readonly key: ExpectedKey; readonly dhSecret: string };
  readonly removedNotifier?: { readonly notifierId: string; readonly key: ExpectedKey };
  readonly linkId?: string;
  readonly linkFixedData?: string;
  readonly linkUserData?: string;
  readonly messages: readonly { readonly msgId: string; readonly timestamp?: number; readonly body?: string; readonly quota?: true }[];
}

export interface OldRelay {
  readonly config: string;
  readonly data: string;
  /** The options that name both. */
  readonly args: readonly string[];
}

export interface VectorRelay extends OldRelay {
  readonly address: string;
  readonly queues: readonly ExpectedQueue[];
}

/** A copy of its own in `folder`. */
export function vectorRelay(folder: string, name: VectorName): VectorRelay {
  const relay = relayIn(folder);
  cpSync(join(VECTORS, name, 'cfg'), relay.config, { recursive: true });
  cpSync(join(VECTORS, name, 'log'), relay.data, { recursive: true });
  const { address, queues } = JSON.parse(readFileSync(join(VECTORS, name, 'expected.json'), 'utf8')) as Pick<VectorRelay, 'address' | 'queues'>;
  return { ...relay, address, queues };
}

function relayIn(folder: string): OldRelay {
  const [config, data] = [join(folder, 'old-etc'), join(folder, 'old-var')];
  return { config, data, args: ['--old-config', config, '--old-data', data] };
}

const id = (): string => toBase64Url(randomBytes(24));
const secret = (): string => toBase64Url(randomBytes(32));
const key = (): string => toBase64Url(encodePublicKey({ kind: 'ed25519', raw: randomBytes(32) }));

export interface OldQueue {
  readonly recipientId: string;
  readonly lines: readonly string[];
  readonly messages: readonly string[];
}

const now = (): number => Math.floor(Date.now() / 1000);

export function oldQueue(messages = 2, bodyBytes = 200): OldQueue {
  const recipientId = id();
  return {
    recipientId,
    lines: [`CREATE rid=${recipientId} rk=${key()} rdh=${secret()} sid=${id()} sk= queue_mode=M`, `SECURE ${recipientId} ${key()}`, `NOTIFIER ${recipientId} ${id()} ${key()} ${secret()}`],
    messages: Array.from({ length: messages }, () => `v3 ${recipientId} ${id()} ${now() - 60} flags=F ${toBase64Url(randomBytes(bodyBytes))}`),
  };
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** Its data folder; `more` goes behind the rest of each file. */
export function writeOldRelay(folder: string, queues: readonly OldQueue[], more: { readonly log?: readonly string[]; readonly messages?: readonly string[] } = {}): OldRelay & { readonly log: string } {
  const relay = relayIn(folder);
  mkdirSync(relay.data, { recursive: true });
  const log = join(relay.data, 'smp-server-store.log');
  writeFileSync(log, text([...queues.flatMap(({ lines }) => lines), ...(more.log ?? [])]));
  writeFileSync(join(relay.data, 'smp-server-messages.log'), text([...queues.flatMap(({ messages }) => messages), ...(more.messages ?? [])]));
  return { ...relay, log, args: ['--old-data', relay.data] };
}
