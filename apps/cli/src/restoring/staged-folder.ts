/** Data that is put together beside its place and takes it when it is whole: a restore that ends anywhere is run again. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorText } from '@polyplex/base';
import { flush } from '@polyplex/node';
import { CliError } from '../report-failure.ts';

/** `fill` gets an empty folder, and leaves in it what is to be in `folder`, durable. Rejects with `CliError` or as `fill` does. */
export async function staged<T>(folder: string, fill: (stage: string) => Promise<T>): Promise<T> {
  const stage = join(dirname(folder), `${basename(folder)}.restoring`);
  try {
    await rm(stage, { recursive: true, force: true });
    await mkdir(stage, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CliError('FILES', `${stage} cannot be made (${errorText(error)})`, { cause: error });
  }
  const filled = await fill(stage);
  await flush(stage);
  // An empty folder may be there; one with anything in it stays, and ends this.
  if (existsSync(folder)) await rmdir(folder).catch((error: unknown) => {
    throw new CliError('FILES', `${folder} is not empty: nothing was restored`, { cause: error });
  });
  await rename(stage, folder);
  await flush(dirname(folder));
  return filled;
}
