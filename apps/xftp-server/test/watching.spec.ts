/** What operators and their tools see of a file server: metrics of every part, readiness, and statistics that outlive it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DAY } from '@polyplex/base';
import { silentLogger } from '@polyplex/telemetry';
import { issueCa, issueServerCertificate } from '@polyplex/transport-tls';
import { describe, expect, it } from 'vitest';
import type { XftpNode } from '../src/index.ts';
import { configOf, connect, createFile, download, sendFile, serverFolder, startConfigured, startNode, upload, writeIdentity } from './support.ts';

type Values = ReadonlyMap<string, number>;

async function scraped(node: XftpNode): Promise<Values> {
  const exposition = await (await fetch(`${node.adminUrl}metrics`)).text();
  const samples = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

async function readiness(node: XftpNode): Promise<[number, string]> {
  const answer = await fetch(`${node.adminUrl}readyz`);
  return [answer.status, await answer.text()];
}

async function stats(node: XftpNode): Promise<Record<string, number>> {
  return (await fetch(`${node.adminUrl}admin/stats`)).json() as Promise<Record<string, number>>;
}

describe('metrics', () => {
  it('time commands, transfers, handshakes and the stores', async () => {
    const node = await startNode(serverFolder());
    const client = await connect(node);
    const file = await sendFile(client);
    await download(client, file);
    const { port } = node.endpoints[0]!;
    const values = await scraped(node);
    const counts = {
      'polyplex_xftp_command_seconds_count{command="FNEW"}': 1, 'polyplex_xftp_command_seconds_count{command="FPUT"}': 1,
      'polyplex_xftp_command_seconds_count{command="FGET"}': 1, 'polyplex_xftp_transfer_seconds_count{direction="upload"}': 1,
      'polyplex_xftp_transfer_seconds_count{direction="download"}': 1, polyplex_tls_handshake_seconds_count: 1,
      'polyplex_store_seconds_count{store="bodies",shard="disk"}': 2, [`polyplex_sockets_accepted_total{port="${port}"}`]: 1,
      [`polyplex_sockets_closed_total{port="${port}"}`]: 0, polyplex_sockets_open: 1, polyplex_ready: 1, polyplex_draining: 0,
    };
    expect(Object.fromEntries(Object.keys(counts).map((name) => [name, values.get(name)]))).toEqual(counts);
    expect(values.get('polyplex_store_seconds_count{store="files",shard="disk"}')).toBeGreaterThanOrEqual(3);
    expect(values.get('polyplex_xftp_transfer_seconds_sum{direction="upload"}')).toBeGreaterThan(0);
    expect(Math.abs(values.get('polyplex_start_time_seconds')! * 1000 - Date.now())).toBeLessThan(DAY);
  });

  it('say when the certificates end', async () => {
    const folder = serverFolder();
    const ca = issueCa({ algorithm: 'ed25519' });
    const leaf = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519', days: 20 });
    writeIdentity(folder, { key: leaf.key, certificate: leaf.certificate + ca.certificate });
    const lines: string[] = [];
    const node = await startConfigured(configOf(folder), { ...silentLogger, warn: (message) => lines.push(message) });
    const ends = (await scraped(node)).get('polyplex_certificate_expiry_timestamp_seconds{certificate="identity"}')!;
    expect(Math.round((ends * 1000 - Date.now()) / DAY)).toBe(20);
    expect(lines).toEqual([expect.stringContaining('a certificate ends soon')]);
    const next = issueServerCertificate({ ca, commonName: 'localhost', algorithm: 'ed25519', days: 200 });
    writeIdentity(folder, { key: next.key, certificate: next.certificate + ca.certificate });
    await node.reload();
    const later = (await scraped(node)).get('polyplex_certificate_expiry_timestamp_seconds{certificate="identity"}')!;
    expect(Math.round((later * 1000 - Date.now()) / DAY)).toBe(200);
    expect(lines).toHaveLength(1);
  });
});

it('a node whose disk has less room than its operator wants is not ready, and serves all the same', async () => {
  const node = await startNode(serverFolder(), 'storage.minRoom=1000TiB');
  expect(await readiness(node)).toEqual([503, expect.stringContaining('the disk has less room than storage.minRoom')]);
  expect((await scraped(node)).get('polyplex_ready')).toBe(0);
  await sendFile(await connect(node));
});

describe('statistics', () => {
  it('by name are those since the start, and no files are made', async () => {
    const folder = serverFolder();
    const node = await startNode(folder);
    const client = await connect(node);
    const file = await sendFile(client);
    for (let i = 0; i < 3; i++) await download(client, file);
    expect(await stats(node)).toMatchObject({
      filesCreated: 1, fileRecipients: 1, filesUploaded: 1, fileDownloads: 3, filesCount: 1, filesSize: 65_536,
      'filesDownloaded.day': 1, 'filesDownloaded.week': 1, 'filesDownloaded.month': 1,
    });
    await node.stop();
    expect(existsSync(join(folder, 'data/statistics'))).toBe(false);
  });

  it('that are kept go on with the next run, in the reference\'s names', async () => {
    const folder = serverFolder();
    const first = await startNode(folder, 'statistics.daily=on');
    const client = await connect(first);
    const file = await sendFile(client);
    await download(client, file);
    await first.stop();
    const state = readFileSync(join(folder, 'data/statistics/xftp-statistics.txt'), 'utf8');
    for (const line of ['filesCreated=1', 'filesUploaded=1', 'filesCount=1', 'filesSize=65536', 'filesDownloaded:', 'fileDownloads=1']) expect(state.split('\n')).toContain(line);
    const second = await startNode(folder, 'statistics.daily=on');
    const again = await connect(second);
    await download(again, file);
    await upload(again, await createFile(again));
    expect(await stats(second)).toMatchObject({ filesCreated: 2, filesUploaded: 2, fileDownloads: 2, filesCount: 2, 'filesDownloaded.day': 1 });
    expect((await scraped(second)).get('simplex_xftp_files_created'), 'metrics begin anew').toBe(1);
  });

  it('that cannot be kept stop the start, by the name of their setting', async () => {
    const folder = serverFolder();
    const config = configOf(folder, ['statistics.daily=on', `statistics.folder=${folder}/server.crt`]);
    await expect(startConfigured(config)).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringContaining('statistics.folder') });
    await startNode(folder);
  });
});
