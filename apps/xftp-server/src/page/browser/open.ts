/** On the information page: links to files that name no page (XFTP §1.6) are taken to the one that opens them. */
import { isFileFragment } from '@polyplex/web-files';

function open(): void {
  if (isFileFragment(location.hash.slice(1))) location.replace(`/file/${location.hash}`);
}

addEventListener('hashchange', open);
open();
