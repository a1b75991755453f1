/**
 * Bundles the scripts of the file server's page (`apps/xftp-server/src/page/browser`) for browsers. Invariant: a bundle
 * imports nothing. Packages say in the `browser` field of their package.json what takes the place of their Node parts, and
 * a builtin module that is left over ends the build.
 */
import { bundleForBrowsers } from './bundle-for-browsers.ts';

const SOURCES = 'apps/xftp-server/src/page/browser';
const ENTRIES = ['app', 'worker', 'open'] as const;

/** Engines of early 2024, which have all that is used without a polyfill. */
const BROWSERS = ['chrome121', 'firefox124', 'safari17.4'];

/** Contents by name, such as `app.js`; rejects as `bundleForBrowsers` does. */
export function buildPage(): Promise<ReadonlyMap<string, Uint8Array>> {
  return bundleForBrowsers({ entries: ENTRIES.map((name) => `${SOURCES}/${name}.ts`), browsers: BROWSERS });
}
