/** Which bodies belong to files, for whoever puts a copy of the records and a copy of the bodies together again. */
import { copyBytes } from '@polyplex/base';
import { START } from '../cursors.ts';
import { now } from '../engine.ts';
import type { FileEngine } from './engine.ts';
import { bodyIdOf } from './tables.ts';

const PAGE = 500;

export interface HeldBody {
  readonly senderId: Uint8Array;
  readonly bodyId: string;
  readonly size: number;
  /** SHA-256 of the body; null where the file's own row cannot be read or names another body. */
  readonly digest: Uint8Array | null;
}

export interface HeldBodies {
  /** In the order of body ids; what is written meanwhile may be seen or not. Damaged rows are passed over. */
  heldBodies(): AsyncGenerator<HeldBody, void>;
}

export async function* heldBodies(engine: FileEngine): AsyncGenerator<HeldBody, void> {
  const { bodies, files } = engine.tables;
  for (let start: Uint8Array | null = START; start !== null;) {
    const from: Uint8Array = start;
    const page = await now(engine, () => bodies.rows(from, undefined, PAGE + 1));
    start = page.length > PAGE ? page[PAGE]!.key : null;
    for (const { key, value } of page.slice(0, PAGE)) {
      if (value === null) engine.reportDamage();
      if (value?.state !== 'H') continue;
      const file = await now(engine, () => files.get(value.senderId)).catch(() => null);
      yield { senderId: copyBytes(value.senderId), bodyId: bodyIdOf(key), size: value.size, digest: file?.digest ?? null };
    }
  }
}
