/** What holds for an import into any stores. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromBase64Url } from '@polyplex/base';
import { decodePrivateKey, publicKeyOf } from '@polyplex/crypto';
import { StoreError } from '@polyplex/store-contract';
import { describe, expect, test } from 'vitest';
import type { BodySource, FileStores } from '../src/index.ts';
import { wholeFile } from '../src/files/import-files.ts';
import { Bodies, bodiesIn, checked, contentOf, imported, type Stores, uploads, verified } from './file-stores.ts';
import { anyFile, anyRecipient, fadd, fblk, fnew, fput, HOUR, readBytes, readLines } from './log-lines.ts';

const vector = (name: string): Buffer => readFileSync(new URL(`vectors/xftp-server/${name}`, import.meta.url));

/** The stores of the test that runs, empty at its begin. */
export interface ImportBench {
  stores: Stores;
}

export function referenceScenarios(bench: ImportBench): void {
  describe('the files of a server of the reference', () => {
    const bodies = new Bodies();
    for (const name of ['5OeQOJ7tALNKBNAK_lQkVg==', '5SfZ_cwVV6NZY_05mrhxNg==', '6YkuXsCvXOB8_-JW08-l5g==']) bodies.add(name, vector(`files/${name}`));

    test('are there after the import, for the parties that their descriptions name', async () => {
      const { files } = await readBytes(vector('file-server-store.txt'));
      expect(await imported(bench.stores, files, bodies)).toEqual(['written', 'written', 'written']);
      expect(await verified(bench.stores, files)).toEqual(['right', 'right', 'right']);
      for (const [name, acknowledged] of [['small.txt.rcv1', false], ['small.txt.rcv2', false], ['medium.bin.rcv1', true]] as const) {
        for (const { id, privateKey, digest } of chunksOf(`${name}.xftp`)) {
          const found = await bench.stores.files.find('recipient', id);
          if (acknowledged) {
            expect(found).toBeNull();
            continue;
          }
          expect(found).toMatchObject({ key: publicKeyOf(privateKey), file: { digest } });
          const content = await contentOf(bench.stores, { file: found!.file, recipients: [] });
          expect(createHash('sha256').update(content!).digest()).toEqual(Buffer.from(digest));
        }
      }
      for (const name of ['small.txt.snd.xftp', 'medium.bin.snd.xftp']) {
        for (const { id, privateKey, digest } of chunksOf(name)) {
          const found = await bench.stores.files.find('sender', id);
          expect(found).toMatchObject({ key: publicKeyOf(privateKey), file: { digest, status: { state: 'active' } } });
          expect(await contentOf(bench.stores, { file: found!.file, recipients: [] })).toHaveLength(65_536);
        }
      }
      expect(await bench.stores.files.usage()).toEqual({ files: 3, uploaded: 3, bytes: 3 * 65_536 });
    });

    function chunksOf(description: string) {
      return [...vector(`descriptions/${description}`).toString().matchAll(/^ {2}- \d+:([^:]+):([^:]+):(\S+)$/gm)].map(([, id, key, digest]) => ({
        id: fromBase64Url(id!)!, privateKey: decodePrivateKey(fromBase64Url(key!)!)!, digest: fromBase64Url(digest!)!,
      }));
    }
  });
}

export function importScenarios(bench: ImportBench): void {
  describe('an import', () => {
    test('brings files without a body, blocked and off, too', async () => {
      const [bare, blocked, off] = [anyFile(), anyFile(), anyFile()];
      const { files } = await readLines([fnew(bare), fadd(bare.senderId, [anyRecipient()]), fnew(blocked), fput(blocked.senderId), fblk(blocked.senderId, 'reason=spam'), fnew(off, { state: 'off' })]);
      expect(await imported(bench.stores, files, new Bodies())).toEqual(['written', 'written', 'written']);
      expect(await verified(bench.stores, files)).toEqual(['right', 'right', 'right']);
      expect(await bench.stores.files.find('sender', blocked.senderId)).toMatchObject({ file: { status: { state: 'blocked', info: { reason: 'spam', notice: null } }, bodyId: null } });
      expect(await bench.stores.files.usage()).toEqual({ files: 3, uploaded: 0, bytes: 0 });
    });

    test('that is run again reads no body and changes nothing', async () => {
      const { files, bodies } = await uploads(20);
      expect(await imported(bench.stores, files, bodies)).toEqual(files.map(() => 'written'));
      const opened = bodies.opened;
      expect(await imported(bench.stores, files, bodies)).toEqual(files.map(() => 'present'));
      expect(bodies.opened).toBe(opened);
      expect(await bench.stores.files.usage()).toEqual({ files: 20, uploaded: 20, bytes: 20 * 30_000 });
      expect(await bodiesIn(bench.stores)).toHaveLength(20);
    });

    test('that was interrupted goes on', async () => {
      const { files, bodies } = await uploads(300);
      const first = await imported(bench.stores, files, bodies, { after: 5 });
      expect(first.length).toBeLessThan(300);
      expect(await imported(bench.stores, files, bodies)).toEqual([...first.map(() => 'present'), ...files.slice(first.length).map(() => 'written')]);
      expect(await verified(bench.stores, files)).toEqual(files.map(() => 'right'));
    });

    test('ends between any two steps of a store that goes away, and is then run to its end', async () => {
      const { files, bodies } = await uploads(4);
      for (let steps = 0; ; steps++) {
        let left = steps;
        const ended = await imported(failing(bench.stores, () => left-- <= 0), files, bodies).catch((error: unknown) => error);
        if (!(ended instanceof StoreError)) {
          expect(ended).toEqual(files.map(() => 'present'));
          break;
        }
        if (steps > 200) throw new RangeError('it never ends');
      }
      expect(await verified(bench.stores, files)).toEqual(files.map(() => 'right'));
      expect(await bodiesIn(bench.stores)).toHaveLength(4);
    });

    /** Each step happens or does not, as its turn is, and the caller is not told. */
    function failing({ files, chunks }: Stores, isAway: () => boolean): FileStores {
      const step = async <T>(work: () => Promise<T>): Promise<T> => {
        if (isAway()) throw new StoreError('UNAVAILABLE', 'away');
        const result = await work();
        if (isAway()) throw new StoreError('UNAVAILABLE', 'away');
        return result;
      };
      return {
        files: { find: (...args) => step(() => files.find(...args)), putFile: (file) => step(() => files.putFile(file)) },
        chunks: {
          read: (id) => step(() => chunks.read(id)), remove: (id) => step(() => chunks.remove(id)),
          write: (...args) => step(() => chunks.write(...args)),
        },
      };
    }

    test('passes over bodies that are missing, short, long, changed or unreadable, and leaves nothing of them', async () => {
      const { files, bodies } = await uploads(6);
      const nameOf = (i: number): string => files[i]!.body!;
      bodies.byName.delete(nameOf(0));
      bodies.add(nameOf(1), bodies.byName.get(nameOf(1))!.subarray(1));
      bodies.add(nameOf(2), new Uint8Array(30_001));
      bodies.add(nameOf(3), Uint8Array.from(bodies.byName.get(nameOf(3))!, (byte, i) => (i === 29_999 ? byte ^ 1 : byte)));
      bodies.fails = nameOf(4);
      const wanted = ['MISSING', 'SIZE', 'SIZE', 'DIGEST', 'UNREADABLE'];
      expect(await checked(files, bodies)).toEqual([...wanted, 'right']);
      expect(await imported(bench.stores, files, bodies)).toEqual([...wanted, 'written']);
      expect(await verified(bench.stores, files)).toEqual([...wanted.map(() => 'ABSENT'), 'right']);
      expect(await bodiesIn(bench.stores)).toHaveLength(1);
      expect(await bench.stores.files.usage()).toEqual({ files: 1, uploaded: 1, bytes: 30_000 });
    });

    test('is not fooled by a body that gives other bytes than its size', async () => {
      const { files, bodies } = await uploads(2);
      const source: BodySource = {
        open: async (name) => {
          const content = bodies.byName.get(name)!;
          const given = name === files[0]!.body ? content.subarray(1) : Buffer.concat([content, content]);
          return { size: content.length, pieces: (async function* () { yield given; })() };
        },
      };
      expect(await imported(bench.stores, files, source)).toEqual(['SIZE', 'SIZE']);
      expect(await bodiesIn(bench.stores)).toEqual([]);
    });

    test('passes over what has expired', async () => {
      const [old, young] = [anyFile({ createdAt: HOUR - 3600 }), anyFile()];
      const { files } = await readLines([fnew(old), fput(old.senderId), fnew(young)]);
      const walk = { createdFrom: HOUR };
      expect(await imported(bench.stores, files, new Bodies(), walk)).toEqual(['EXPIRED', 'written']);
      expect(await verified(bench.stores, files, walk)).toEqual(['EXPIRED', 'right']);
      expect(await checked(files, new Bodies(), walk)).toEqual(['EXPIRED', 'right']);
    });

    test('leaves alone what a node has changed since, and tells ids that are others\'', async () => {
      const { files, bodies } = await uploads(3);
      await imported(bench.stores, files, bodies);
      await bench.stores.files.acknowledge(files[0]!.recipients[0]!.recipientId);
      await bench.stores.files.block(files[1]!.file.senderId, { reason: 'spam', notice: null });
      expect(await imported(bench.stores, files, bodies)).toEqual(['CHANGED', 'CHANGED', 'present']);
      expect(await verified(bench.stores, files)).toEqual(['DIFFERENT', 'DIFFERENT', 'right']);
      const other = await uploads(2);
      const foreign = [
        { ...other.files[0]!, file: { ...other.files[0]!.file, senderId: files[2]!.file.senderId } },
        { ...other.files[1]!, recipients: files[2]!.recipients },
      ];
      expect(await imported(bench.stores, foreign, other.bodies)).toEqual(['COLLISION', 'COLLISION']);
      expect(await verified(bench.stores, files.slice(2))).toEqual(['right']);
      // One of them is left of the file that was blocked.
      expect(await bodiesIn(bench.stores)).toHaveLength(3);
    });

    test('writes a body again that its store has lost', async () => {
      const { files, bodies } = await uploads(2);
      await imported(bench.stores, files, bodies);
      await bench.stores.chunks.remove(wholeFile(files[0]!).file.bodyId!);
      expect(await verified(bench.stores, files)).toEqual(['MISSING', 'right']);
      expect(await imported(bench.stores, files, bodies)).toEqual(['written', 'present']);
      expect(await verified(bench.stores, files)).toEqual(['right', 'right']);
    });

    test('is verified byte by byte', async () => {
      const { files, bodies } = await uploads(2);
      await imported(bench.stores, files, bodies);
      const { bodyId } = wholeFile(files[0]!).file;
      await bench.stores.chunks.remove(bodyId!);
      const content = new Uint8Array(30_000);
      await bench.stores.chunks.write(bodyId!, { size: 30_000, pieces: (async function* () { yield content; })() }, new AbortController().signal);
      expect(await verified(bench.stores, files)).toEqual(['DIGEST', 'right']);
    });
  });
}
