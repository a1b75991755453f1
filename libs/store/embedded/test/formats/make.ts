/**
 * Makes the samples of today's format, once, with the release that brings it: node libs/store/embedded/test/formats/make.ts.
 * Those of a format that was released are never made again: they are what that release wrote.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FORMAT_VERSION } from '@polyplex/store-common';
import { SAMPLES } from './samples.ts';

const target = join(import.meta.dirname, String(FORMAT_VERSION));
if (existsSync(target)) throw new Error(`${target} is there already`);
const folder = mkdtempSync(join(tmpdir(), 'polyplex-formats-'));
const told: Record<string, unknown> = {};
mkdirSync(target);
for (const { kind, fill, tell } of SAMPLES) {
  await fill(join(folder, kind));
  writeFileSync(join(target, `${kind}.mdb.gz`), gzipSync(readFileSync(join(folder, kind, 'data.mdb')), { level: 9 }));
  told[kind] = await tell(join(folder, kind));
}
writeFileSync(join(target, 'told.json'), `${JSON.stringify(told)}\n`);
rmSync(folder, { recursive: true });
