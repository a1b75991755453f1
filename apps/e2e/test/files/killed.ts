/**
 * `kill -9` of file servers during uploads and downloads: every chunk that was answered OK downloads whole with its digest,
 * and after the sweep nothing lies in the storage that no file has, nor counts to the quota.
 */
import { expect } from 'vitest';
import type { FileServers } from './engines.ts';
import { type Counts, deleteAll, FileTraffic, gauge, missing } from './file-traffic.ts';

const WORKERS = 6;
/** Lease of an upload, its margin, the grace of a removal, and the interval of the sweep. */
const SWEPT_MS = 180_000;

/** Kills nodes in turn, under load. */
export async function killUnderLoad({ nodes, bodies }: FileServers, kills: number): Promise<Counts> {
  const traffic = new FileTraffic(nodes.map(({ address }) => address), WORKERS);
  for (let i = 0; i < kills; i++) {
    await new Promise((resolve) => setTimeout(resolve, 400 + Math.random() * 600));
    const node = nodes[i % nodes.length]!;
    await node.kill();
    await node.restart();
  }
  await traffic.stop();
  const { counts, kept } = traffic;
  for (const node of nodes) expect(await missing(node.address, kept)).toEqual([]);
  expect(counts.wrong).toEqual([]);
  expect(counts.cut).toBeGreaterThanOrEqual(kills); // they came under load
  expect(kept.length).toBeGreaterThan(0);

  const state = async () => ({ bodies: await bodies(), bytes: await gauge(nodes[0]!.adminUrl, 'simplex_xftp_files_size') });
  await deleteAll(nodes[0]!.address, kept, traffic.unsure);
  await expect.poll(state, { timeout: SWEPT_MS, interval: 1000 }).toEqual({ bodies: 0, bytes: 0 });
  return counts;
}
