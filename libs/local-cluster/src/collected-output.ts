/**
 * What servers wrote while tests used them, kept for whoever looks through it when all tests are done: their logs, what
 * their admin ports said at the end, and files for operators beside their data. Nothing is kept unless a folder is named.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** All that tells something; what a server does not have is passed over. */
const PATHS = ['metrics', 'admin/overview', 'admin/fleet', 'admin/history', 'admin/stats', 'admin/clients', 'admin/audit', 'admin/backup', 'readyz', ''];
const TIMEOUT_MS = 2000;
/** Logs, statistics and manifests; not data. */
const FILES = /\.(log|csv|txt|json)$/;

let folder: string | null = null;
let count = 0;

/** From now on, in this module instance. */
export function collectOutput(into: string | null): void {
  folder = into;
}

export function collected(name: string, text: string): void {
  if (folder === null || text === '') return;
  writeFileSync(join(folder, `${String(process.pid)}-${String(threadId)}-${String(count++)}-${name}.txt`), text);
}

/** What the admin port says now. Never rejects. */
export async function collectPages(adminUrl: string): Promise<void> {
  if (folder === null) return;
  await Promise.all(PATHS.map(async (path) => {
    const text = await fetch(new URL(path, adminUrl), { signal: AbortSignal.timeout(TIMEOUT_MS) }).then((response) => response.text()).catch(() => '');
    collected(`page-${path.replaceAll('/', '-')}`, text);
  }));
}

/** Files for operators in a folder of data. */
export function collectFiles(data: string): void {
  if (folder === null || !existsSync(data)) return;
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && FILES.test(entry.name));
  for (const { parentPath, name } of files) collected(`file-${name}`, readFileSync(join(parentPath, name), 'utf8'));
}
