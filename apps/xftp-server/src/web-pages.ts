/** What browsers get at the file server's port (XFTP §7.6), once there is a web certificate and the address is known. */
import type { Pages } from '@polyplex/server-xftp';
import type { XftpConfig } from './config/xftp-config.ts';
import { filePasswordFile } from './node-files.ts';
import { readPageAssets } from './page/page-assets.ts';
import type { PageFacts } from './page/page-facts.ts';
import { createPages } from './page/serve-pages.ts';

export interface WebPages {
  /** For the server. Until the pages are made, there are none. */
  readonly serve: Pages;
  /** Makes them; false where their scripts were not built. */
  make(config: XftpConfig, facts: Pick<PageFacts, 'address' | 'version'>): Promise<boolean>;
}

export function webPages(): WebPages {
  let pages: Pages | null = null;
  return {
    serve: async (request) => pages?.(request) ?? null,
    async make(config, { address, version }) {
      const assets = readPageAssets();
      if (assets === null) return false;
      pages = await createPages({ address, version, keptMs: config.xftpFiles.expireAfter, accepting: accepting(config), information: config.information }, assets);
      return true;
    },
  };
}

function accepting(config: XftpConfig): PageFacts['accepting'] {
  if (!config.xftpAccess.newFiles) return 'nobody';
  return filePasswordFile(config) === null ? 'anybody' : 'password';
}
