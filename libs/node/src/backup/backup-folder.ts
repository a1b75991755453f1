/**
 * The folder of backups: each has a folder named after its server and time, `<name>.part` until it is whole, so that a
 * process that ends anywhere leaves nothing that looks like one.
 */
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { flush, FOLDER_MODE, makeFolder } from './durable-files.ts';

const PART = '.part';
/** `smp-20261129-155123`, with a number behind it where one second has several. */
const TIME = String.raw`\d{8}-\d{6}(-\d{1,3})?`;

export class BackupFolder {
  readonly path: string;
  private readonly server: string;

  constructor(path: string, server: string) {
    this.path = path;
    this.server = server;
  }

  place(name: string): string {
    return join(this.path, name);
  }

  part(name: string): string {
    return join(this.path, name + PART);
  }

  /** Removes what earlier processes did not finish, and makes the folder of a new one; answers its name. */
  async begin(now: Date): Promise<string> {
    await makeFolder(this.path);
    for (const name of await this.named(new RegExp(`^${this.server}-${TIME}\\${PART}$`))) await rm(join(this.path, name), { recursive: true, force: true });
    const time = `${this.server}-${now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)}`;
    const taken = await this.whole();
    let name = time;
    for (let again = 2; taken.includes(name); again++) name = `${time}-${again}`;
    await mkdir(this.part(name), { mode: FOLDER_MODE });
    return name;
  }

  /** Names of those that are whole, oldest first. */
  async whole(): Promise<string[]> {
    return (await this.named(new RegExp(`^${this.server}-${TIME}$`))).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** From now on it counts as whole. */
  async finish(name: string): Promise<void> {
    await rename(this.part(name), this.place(name));
    await flush(this.path);
  }

  async abandon(name: string): Promise<void> {
    await rm(this.part(name), { recursive: true, force: true });
  }

  /** Removes the oldest, so that `keep` stay. */
  async prune(keep: number): Promise<void> {
    const names = await this.whole();
    for (const name of names.slice(0, Math.max(0, names.length - keep))) {
      await rename(this.place(name), this.part(name));
      await rm(this.part(name), { recursive: true, force: true });
    }
  }

  /** Bytes. */
  async room(): Promise<number> {
    const { bavail, bsize } = await statfs(this.path);
    return bavail * bsize;
  }

  private async named(pattern: RegExp): Promise<string[]> {
    return (await readdir(this.path)).filter((name) => pattern.test(name));
  }
}

/** Sorts the second of one second behind the first, and the tenth behind the second. */
function keyOf(name: string): string {
  const [server, day, time, again = '1'] = name.split('-');
  return `${server}-${day}-${time}-${again.padStart(3, '0')}`;
}
