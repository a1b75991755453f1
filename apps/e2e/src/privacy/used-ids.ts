/**
 * What clients of the tests used and nobody else may learn: ids of queues, links, notifiers, messages and files, keys, digests,
 * and addresses of clients. Each is noted once, as a line of text in a file of its process.
 */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** Shorter is a number or a flag, longer is content. */
const [LEAST_BYTES, MOST_BYTES] = [12, 64];
/** Of servers, which their addresses tell to everybody. */
const PUBLIC = new Set(['keyHash', 'fingerprint', 'sessionId', 'relayKey', 'chain']);
const MAX_DEPTH = 6;
const SUFFIX = '.used';

export class UsedIds {
  private readonly file: string;
  private readonly noted = new Set<string>();

  constructor(folder: string) {
    this.file = join(folder, `${String(process.pid)}-${String(threadId)}-${String(performance.now())}${SUFFIX}`);
  }

  /** All byte strings in it that are as long as ids and keys are. */
  note(value: unknown, depth = 0): void {
    if (value instanceof Uint8Array) this.noteBytes(value);
    else if (Array.isArray(value)) for (const item of value) this.note(item, depth + 1);
    else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
      for (const [name, part] of Object.entries(value)) if (!PUBLIC.has(name)) this.note(part, depth + 1);
    }
  }

  /** An IP address, as text. */
  noteAddress(address: string): void {
    this.add(`ip ${address}`);
  }

  private noteBytes(bytes: Uint8Array): void {
    if (bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES && bytes.some((byte) => byte !== bytes[0])) this.add(`id ${Buffer.from(bytes).toString('hex')}`);
  }

  private add(line: string): void {
    if (this.noted.has(line)) return;
    this.noted.add(line);
    appendFileSync(this.file, `${line}\n`);
  }
}

export interface Used {
  readonly ids: readonly Buffer[];
  readonly addresses: readonly string[];
}

/** What all processes noted in a folder. */
export function usedIn(folder: string): Used {
  const lines = new Set(readdirSync(folder).filter((name) => name.endsWith(SUFFIX)).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n')));
  const of = (kind: string): string[] => [...lines].filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
  return { ids: of('id').map((hex) => Buffer.from(hex, 'hex')), addresses: of('ip') };
}
