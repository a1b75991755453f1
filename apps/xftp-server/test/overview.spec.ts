/** What a file server tells of itself on its admin port. */
import { type Fleet, fleetSchema, type Overview, overviewSchema } from '@polyplex/admin-api';
import { toBase64Url } from '@polyplex/base';
import { describe, expect, it } from 'vitest';
import type { XftpNode } from '../src/index.ts';
import { connect, createFile, download, sendFile, serverFolder, startNode, upload } from './support.ts';

async function told(node: XftpNode, path: string): Promise<string> {
  const answer = await fetch(`${node.adminUrl}admin/${path}`);
  expect(answer.status).toBe(200);
  return answer.text();
}

async function overviewOf(node: XftpNode): Promise<Overview> {
  return overviewSchema.strict().parse(JSON.parse(await told(node, 'overview')));
}

describe('the overview of a file server', () => {
  it('counts what clients do, in the form that is promised', async () => {
    const node = await startNode(serverFolder(), 'xftpAdmin.nodeName=files', 'xftpStorage.quota=1MiB');
    const client = await connect(node);
    const file = await sendFile(client);
    await download(client, file);
    const all = await overviewOf(node);
    expect(all).toMatchObject({ service: 'xftp', node: 'files', address: node.address, state: 'running', notReady: [] });
    expect(all.counters).toMatchObject({ filesCreated: 1, filesUploaded: 1, fileDownloads: 1, socketsAccepted: 1, quotaRefusals: 0 });
    expect(all.counters.bytesUploaded).toBeGreaterThanOrEqual(65_536);
    expect(all.rates.bytesDownloaded).toBeGreaterThan(0);
    expect(all.gauges).toMatchObject({ connections: 1, files: 1, fileBytes: 65_536, quotaBytes: 1024 ** 2, uploads: 0 });
    expect(all.stores.map(({ name, engine, available }) => [name, engine, available])).toEqual([['files', 'embedded', true], ['bodies', 'embedded', true]]);
    expect(all.stores[1]!.roomBytes).toBeGreaterThan(0);
    expect(all.limits).toContainEqual({ setting: 'xftpStorage.quota', value: 1024 ** 2, used: 65_536, unit: 'bytes' });
    expect(all.certificates).toHaveLength(1);
    expect(all.latencies.command!.count).toBeGreaterThanOrEqual(3);
    expect(all.latencies.store!.count).toBeGreaterThan(0);
  });

  it('counts what it refuses', async () => {
    const node = await startNode(serverFolder(), 'xftpStorage.quota=64KiB');
    const client = await connect(node);
    await sendFile(client);
    await expect(upload(client, await createFile(client))).rejects.toThrow();
    const { counters, gauges } = await overviewOf(node);
    expect([counters.quotaRefusals, counters.errors, gauges.files]).toEqual([1, 1, 2]);
  });

  it('and the fleet hold nothing of any client', async () => {
    const node = await startNode(serverFolder());
    const { sender, recipient, digest } = await sendFile(await connect(node));
    const all = (await Promise.all(['overview', 'fleet'].map((path) => told(node, path)))).join();
    for (const id of [sender.id, recipient.id, digest]) {
      for (const secret of [toBase64Url(id), Buffer.from(id).toString('hex')]) expect(all.includes(secret)).toBe(false);
    }
    expect(all).not.toContain('127.0.0.1');
  });
});

describe('the fleet of a file server', () => {
  it('is that one alone', async () => {
    const node = await startNode(serverFolder());
    const fleet: Fleet = fleetSchema.parse(JSON.parse(await told(node, 'fleet')));
    expect([fleet.complete, fleet.nodes.map(({ service }) => service)]).toEqual([true, ['xftp']]);
  });
});
