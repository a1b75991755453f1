/**
 * The listing as files (directory §3.9): each state in a folder of its own, and `data` a link to the present one, which is exchanged
 * in one step, so that nobody ever reads half of it.
 */
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is written: JSON texts, and images by their name without folder. */
export interface ListingContent {
  readonly listing: string;
  readonly promoted: string;
  readonly images: ReadonlyMap<string, Uint8Array>;
}

const LINK = 'data';
const FOLDER = /^data\.\d{4}-\d\d-\d\dT[\d.]+Z$/;

export class ListingFiles {
  readonly #folder: string;
  #last = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The folder behind the link, which readers use. */
  get current(): string {
    return join(this.#folder, LINK);
  }

  /** Writes a state where it is another than the last one, or `always`. Rejects with the system's error, and then the old state stays. */
  async write(content: ListingContent, now: Date, { always = false }: { readonly always?: boolean } = {}): Promise<void> {
    const state = `${content.listing}\n${content.promoted}`;
    if (state === this.#last && !always) return;
    // Colons are no part of file names everywhere.
    const name = `${LINK}.${now.toISOString().replaceAll(':', '.')}`;
    const folder = join(this.#folder, name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, 'images'), { recursive: true });
    for (const [image, bytes] of content.images) await writeFile(join(folder, 'images', image), bytes);
    await writeFile(join(folder, 'listing.json'), content.listing);
    await writeFile(join(folder, 'promoted.json'), content.promoted);
    await this.#exchange(name);
    this.#last = state;
    await this.#removeOld(name);
  }

  async #exchange(name: string): Promise<void> {
    const next = join(this.#folder, `.${LINK}.next`);
    await rm(next, { force: true });
    await symlink(name, next);
    await rename(next, this.current);
  }

  async #removeOld(kept: string): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (FOLDER.test(name) && name !== kept) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }
}
