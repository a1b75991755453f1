/**
 * A copy of the folder of bodies, made while it is used. A body never changes once it has its name, so a second name for the
 * same file (a hard link) is a copy; on another file system it is copied, or linked to a copy that was made before.
 *
 * Bodies of uploads under way, and those that are removed meanwhile, may be in it or not. Whoever copies the records first
 * has the body of every record, unless its file was removed since.
 */
import { constants } from 'node:fs';
import { chmod, copyFile, link, mkdir, open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asStoreError } from '../store-failure.ts';
import { isMissing, Places, syncFolder } from './places.ts';

/** At the same time, of the system's four: clients' bodies need them too. */
const AT_ONCE = 2;
/** What a file system answers that has no second names, or none for this file. */
const NO_LINK: readonly unknown[] = ['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES'];

export interface BodyCopyOptions {
  /** Of the copy; made, and marked as a folder of bodies. */
  readonly folder: string;
  /** A copy that was made before, whose bodies need not be copied again. */
  readonly previous?: string | null;
  /** Ends it; rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Before a body's bytes are copied, which a link spares; where it rejects, all ends. */
  readonly beforeCopy?: (bytes: number) => Promise<void>;
  /** `copied`: bytes that were written for it, 0 for a link. */
  readonly onBody?: (bytes: number, copied: number) => void;
}

export interface BodyCopies {
  /** Durable when it resolves. Rejects with a `StoreError`. */
  copyTo(options: BodyCopyOptions): Promise<void>;
}

export async function copyBodies(places: Places, options: BodyCopyOptions): Promise<void> {
  const { folder, signal } = options;
  const target = new Places(folder);
  await target.prepare();
  try {
    for await (const { folder: from, names } of places.walk()) {
      signal?.throwIfAborted();
      const whole = names.flatMap(({ file, bodyId }) => (file === bodyId ? [file] : []));
      if (whole.length > 0) await copyFolder(whole, { from, to: sameFolder(folder, from), previous: options.previous ?? null }, options);
    }
    await syncFolder(folder);
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : asStoreError(error);
  }
}

/** The folder of another copy where the same bodies lie. */
function sameFolder(root: string, folder: string): string {
  return join(root, basename(dirname(folder)), basename(folder));
}

async function copyFolder(files: readonly string[], folders: Folders, options: BodyCopyOptions): Promise<void> {
  await mkdir(folders.to, { recursive: true, mode: 0o700 });
  for (let at = 0; at < files.length; at += AT_ONCE) {
    options.signal?.throwIfAborted();
    await Promise.all(files.slice(at, at + AT_ONCE).map((file) => copyBody(file, folders, options)));
  }
  await syncFolder(folders.to);
  await syncFolder(dirname(folders.to));
}

interface Folders {
  readonly from: string;
  readonly to: string;
  /** The whole copy before; null for none. */
  readonly previous: string | null;
}

async function copyBody(file: string, { from, to, previous }: Folders, { beforeCopy, onBody }: BodyCopyOptions): Promise<void> {
  const [source, target] = [join(from, file), join(to, file)];
  try {
    const { size } = await stat(source);
    const linked = (await isLinked(source, target)) || (previous !== null && (await isLinkedAgain(join(sameFolder(previous, from), file), target, size)));
    if (!linked) {
      await beforeCopy?.(size);
      await copyDurably(source, target);
    }
    onBody?.(size, linked ? 0 : size);
  } catch (error) {
    // Its file was removed meanwhile.
    if (!isMissing(error)) throw error;
  }
}

/** False where that is not possible here; rejects when there is nothing to link to. */
async function isLinked(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    if (NO_LINK.includes((error as NodeJS.ErrnoException).code)) return false;
    throw error;
  }
}

/** A body with this id and size is this body: ids are given once. */
async function isLinkedAgain(previous: string, target: string, size: number): Promise<boolean> {
  try {
    return (await stat(previous)).size === size && (await isLinked(previous, target));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function copyDurably(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(target, 0o600);
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
