/** A file server of the reference as it lies on a disk, made for tests: log and bodies of random files. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url } from '@polyplex/base';
import { encodePublicKey } from '@polyplex/crypto';

const HOUR_MS = 3_600_000;
const id = (): string => toBase64Url(randomBytes(16));
const key = (): string => toBase64Url(encodePublicKey({ kind: 'ed25519', raw: randomBytes(32) }));

/** The present hour, in seconds. */
export const thisHour = (): number => Math.floor(Date.now() / HOUR_MS) * 3600;

export interface OldFile {
  readonly senderId: string;
  readonly body: Buffer;
  /** FNEW, FADD and FPUT. */
  readonly lines: readonly string[];
}

export function oldFile(size: number, createdAt = thisHour()): OldFile {
  const [senderId, body] = [id(), randomBytes(size)];
  const digest = toBase64Url(createHash('sha256').update(body).digest());
  return {
    senderId, body, lines: [
      `FNEW ${senderId} ${key()} ${size} ${digest} ${createdAt} active`,
      `FADD ${senderId} ${id()}:${key()},${id()}:${key()}`,
      `FPUT ${senderId} ${toBase64Url(Buffer.from(`/srv/xftp/files/${senderId}`))}`,
    ],
  };
}

/** Writes `old.store` and the folder `bodies`; answers the options that name them. */
export function writeOldServer(folder: string, files: readonly OldFile[], moreLines: readonly string[] = []): string[] {
  const bodies = join(folder, 'bodies');
  mkdirSync(bodies, { recursive: true });
  for (const { senderId, body } of files) writeFileSync(join(bodies, senderId), body);
  const log = join(folder, 'old.store');
  writeFileSync(log, [...files.flatMap(({ lines }) => lines), ...moreLines].map((line) => `${line}\n`).join(''));
  return ['--log', log, '--files', bodies];
}
