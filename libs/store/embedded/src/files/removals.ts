/** Deletion, blocking, expiry, and the bodies that they leave (XFTP §5.2, §5.4, §5.7). */
import { copyBytes } from '@polyplex/base';
import { owned } from '@polyplex/store-common';
import type { BlockingInfo, Removals } from '@polyplex/store-contract';
import { answer, guarded, now } from '../engine.ts';
import { type FileEngine, FREES, leaveBody, putBody, removeFile } from './engine.ts';
import { sweep } from './sweep.ts';
import { bodyIdOf, bodyKey, idOfTimeKey, timeKey } from './tables.ts';

const NO_ID = new Uint8Array(0);

export function createRemovals(engine: FileEngine): Removals {
  return {
    remove: (senderId) => guarded(engine, () => remove(engine, copyBytes(senderId))),
    block: (senderId, info) => guarded(engine, () => block(engine, copyBytes(senderId), owned(info))),
    unblock: (senderId) => guarded(engine, () => unblock(engine, copyBytes(senderId))),
    expire: (createdBefore, limit) => guarded(engine, () => expire(engine, createdBefore, limit)),
    discard: (bodyId) => guarded(engine, () => discard(engine, bodyKey(bodyId))),
    leftBodies: (limit) => guarded(engine, () => leftBodies(engine, limit)),
    knows: (bodyIds) => now(engine, () => bodyIds.map((bodyId) => engine.tables.bodies.has(bodyKey(bodyId)))),
  };
}

function remove(engine: FileEngine, senderId: Uint8Array): ReturnType<Removals['remove']> {
  return engine.writes.run<{ bodyId: string | null } | null>(() => {
    const file = engine.tables.files.get(senderId);
    return answer(file === null ? null : removeFile(engine, senderId, file));
  }, FREES);
}

function block(engine: FileEngine, senderId: Uint8Array, info: BlockingInfo): ReturnType<Removals['block']> {
  const { tables, writes } = engine;
  return writes.run<{ bodyId: string | null } | null>(() => {
    const file = tables.files.get(senderId);
    if (file === null) return answer(null);
    const left = leaveBody(engine, file);
    tables.files.put(senderId, { ...file, status: { state: 'blocked', info }, bodyId: null });
    return answer(left);
  }, FREES);
}

function unblock({ tables, writes }: FileEngine, senderId: Uint8Array): ReturnType<Removals['unblock']> {
  return writes.run(() => {
    const file = tables.files.get(senderId);
    if (file?.status.state === 'blocked') tables.files.put(senderId, { ...file, status: { state: 'active' } });
    return answer(file !== null);
  }, FREES);
}

async function expire(engine: FileEngine, createdBefore: number, limit: number): ReturnType<Removals['expire']> {
  const { tables } = engine;
  const removed = await sweep(engine, { table: tables.ages, end: timeKey(createdBefore, NO_ID), limit }, (key) => {
    const senderId = idOfTimeKey(key);
    const file = tables.files.get(senderId);
    return file === null ? null : removeFile(engine, senderId, file);
  });
  return { files: removed.length, bodies: removed.flatMap(({ bodyId }) => bodyId ?? []) };
}

function discard(engine: FileEngine, bodyId: Uint8Array): Promise<void> {
  const { tables, writes, usage } = engine;
  return writes.run(() => {
    const body = tables.bodies.get(bodyId);
    if (body === null || body.state === 'H') return answer(undefined);
    tables.due.remove(timeKey(body.due, bodyId));
    tables.bodies.remove(bodyId);
    usage.add({ bytes: -body.size });
    return answer(undefined);
  }, FREES);
}

/** Whoever is given a body has the same time to remove it as whoever took it from its file. */
function leftBodies(engine: FileEngine, limit: number): Promise<string[]> {
  const { tables, clock, graceMs } = engine;
  const time = clock.now();
  return sweep(engine, { table: tables.due, end: timeKey(time + 1, NO_ID), limit }, (key) => {
    const bodyId = idOfTimeKey(key);
    const body = tables.bodies.get(bodyId);
    // It may have been discarded, committed or given to another caller since.
    if (body === null || body.state === 'H' || body.due > time) return null;
    putBody(engine, bodyId, body, { ...body, state: 'L', due: time + graceMs });
    return bodyIdOf(bodyId);
  });
}
