/**
 * The `ChunkStore` contract in a bucket of S3 or of a server that speaks its protocol: each body is an object (`place.ts`),
 * written by one PUT (`write-body.ts`) and read by one GET (`open-body.ts`). The bucket may be shared by any number of
 * nodes, since a body is written by one of them, once.
 */
import { type Clock, SECOND, systemClock } from '@polyplex/base';
import type { ChunkStore, StoreFacts } from '@polyplex/store-contract';
import { type Logger, silentLogger } from '@polyplex/telemetry';
import { OpenBody } from './open-body.ts';
import { Place } from './place.ts';
import { type Access, Requests } from './requests.ts';
import { writeBody } from './write-body.ts';

const SILENCE_MS = 30 * SECOND;

export interface S3ChunkStoreOptions extends Access {
  readonly bucket: string;
  /** The part of the bucket that is the store's own: a path without slashes around it, empty for the whole bucket. */
  readonly prefix: string;
  /** How long S3 may be silent while it is waited for; default 30 s. */
  readonly silenceMs?: number;
  readonly clock?: Clock;
  /** Requests that fail, at the level `debug`, without keys. */
  readonly log?: Logger;
}

/**
 * Tries everything that the access key has to be permitted. Rejects with a `StoreError` that says what an operator has to do:
 * UNAVAILABLE where S3 does not answer, FAILED where it refuses.
 */
export async function openS3ChunkStore(options: S3ChunkStoreOptions): Promise<ChunkStore> {
  const { bucket, prefix, silenceMs = SILENCE_MS, clock = systemClock, log = silentLogger } = options;
  const requests = new Requests(options, new Place(bucket, prefix), { timing: { clock, silenceMs }, log });
  try {
    await tryEverything(requests);
  } catch (error) {
    requests.close();
    throw error;
  }
  const { place } = requests;
  const waiting = new Set<OpenBody>();
  let checking: Promise<void> | null = null;
  return {
    write: (bodyId, body, signal) => writeBody(requests, bodyId, body, signal),
    read: async (bodyId) => {
      const object = await requests.get(place.keyOf(bodyId));
      return object === null ? null : new OpenBody(object, requests, waiting);
    },
    remove: async (bodyId) => requests.delete(place.keyOf(bodyId)),
    list: (olderThanMs) => list(requests, clock.now() - olderThanMs),
    room: async () => {
      await Promise.resolve(requests.assertOpen());
      return null;
    },
    // One request for all who ask meanwhile: each costs money.
    check: () => (checking ??= requests.putCheck().finally(() => (checking = null))),
    facts: () => facts(requests),
    close: () => {
      requests.close();
      for (const body of waiting) body.expire();
      return Promise.resolve();
    },
  };
}

function facts({ connected, seconds }: Requests): StoreFacts {
  const shard = { name: 's3', connected, roomBytes: null, seconds };
  return { engine: 's3', shards: [shard], seconds: new Map([[shard.name, seconds]]), clockSkewSeconds: null };
}

/** In an order in which the first refusal is that of the cause: without the list S3 does not say that an object is missing. */
async function tryEverything(requests: Requests): Promise<void> {
  const { checkKey } = requests.place;
  await requests.list(null, 1);
  await requests.putCheck();
  (await requests.get(checkKey))?.stream.destroy();
  await requests.delete(checkKey);
}

async function* list(requests: Requests, writtenBefore: number): AsyncGenerator<string> {
  let after: string | null = null;
  do {
    const { objects, next } = await requests.list(after);
    for (const { key, modified } of objects) {
      const bodyId = requests.place.bodyIdOf(key);
      if (bodyId !== null && modified <= writtenBefore) yield bodyId;
    }
    after = next;
  } while (after !== null);
}
