/** Puts the directory's page together (`apps/directory-bot/src/listing`). */
import { PAGE_BROWSERS, pageFolder } from './page-folder.ts';

const PAGE = 'apps/directory-bot/src/listing/page';

/** As `pageFolder`. */
export function buildDirectory(): Promise<ReadonlyMap<string, Uint8Array>> {
  return pageFolder(PAGE, { entries: ['apps/directory-bot/src/listing/browser/directory.ts', `${PAGE}/directory.css`], browsers: PAGE_BROWSERS });
}
