/** Uploads (XFTP §5.3): a body is known, and counted, from before its first byte; the first commit wins. */
import { copyBytes, equalBytes } from '@polyplex/base';
import { storeError } from '@polyplex/store-common';
import type { UploadOptions, Uploads } from '@polyplex/store-contract';
import { answer, guarded } from '../engine.ts';
import { type FileEngine, FREES, GROWS, isBodyOf, putBody } from './engine.ts';
import { bodyKey } from './tables.ts';
import type { BodyRow, FileRow } from './value-formats.ts';

export function createUploads(engine: FileEngine): Uploads {
  return {
    beginUpload: (senderId, bodyId, options) => guarded(engine, () => begin(engine, copyBytes(senderId), bodyKey(bodyId), options)),
    commitUpload: (senderId, bodyId) => guarded(engine, () => commit(engine, copyBytes(senderId), bodyKey(bodyId))),
  };
}

type Begun = Awaited<ReturnType<Uploads['beginUpload']>>;
type Committed = Awaited<ReturnType<Uploads['commitUpload']>>;

/** Whether this is an upload for this file whose lease has not run out. */
function isUnderWay({ clock }: FileEngine, body: BodyRow, senderId: Uint8Array): boolean {
  return body.state === 'U' && equalBytes(body.senderId, senderId) && clock.now() < body.due;
}

const isActive = (file: FileRow | null): file is FileRow => file?.status.state === 'active';

function begin(engine: FileEngine, senderId: Uint8Array, bodyId: Uint8Array, { quota, leaseMs }: UploadOptions): Promise<Begun> {
  const { tables, writes, usage, clock } = engine;
  return writes.run<Begun>(() => {
    const file = tables.files.get(senderId);
    if (!isActive(file)) return answer('gone');
    if (file.bodyId !== null) return answer('uploaded');
    const known = tables.bodies.get(bodyId);
    if (known !== null && !isUnderWay(engine, known, senderId)) throw storeError('FAILED', undefined, 'the body id is known already');
    const { size } = file;
    if (known === null) {
      if (quota !== null && usage.current.bytes + size > quota) return answer('quota');
      usage.add({ bytes: size });
    }
    putBody(engine, bodyId, known, { state: 'U', senderId, size, due: clock.now() + leaseMs });
    return answer('begun');
  }, GROWS);
}

/** A full disk does not stop it: the body is there already. */
function commit(engine: FileEngine, senderId: Uint8Array, bodyId: Uint8Array): Promise<Committed> {
  const { tables, writes, usage } = engine;
  return writes.run<Committed>(() => {
    const file = tables.files.get(senderId);
    if (!isActive(file)) return answer('gone');
    if (file.bodyId !== null) return answer(isBodyOf(bodyId, file) ? 'committed' : 'uploaded');
    const body = tables.bodies.get(bodyId);
    if (body === null || !isUnderWay(engine, body, senderId)) return answer('gone');
    putBody(engine, bodyId, body, { ...body, state: 'H', due: 0 });
    tables.files.put(senderId, { ...file, bodyId });
    usage.add({ uploaded: 1 });
    return answer('committed');
  }, FREES);
}
