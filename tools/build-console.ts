/** Puts the console of the admin port together (`libs/console`), with the runbooks that it links to. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RUNBOOKS, runbookFile } from '@polyplex/console';
import { PAGE_BROWSERS, pageFolder } from './page-folder.ts';
import { workspaceRoot } from './workspaces.ts';

const PAGE = 'libs/console/src/page';
const DOCS = 'docs/operations/runbooks';

/** As `pageFolder`. */
export async function buildConsole(): Promise<ReadonlyMap<string, Uint8Array>> {
  const page = await pageFolder(PAGE, { entries: ['libs/console/src/browser/console.ts', `${PAGE}/console.css`], browsers: PAGE_BROWSERS });
  const runbooks = await Promise.all(RUNBOOKS.map(async (name) => [runbookFile(name), await readFile(join(workspaceRoot, DOCS, `${name}.md`))] as const));
  return new Map([...page, ...runbooks]);
}
