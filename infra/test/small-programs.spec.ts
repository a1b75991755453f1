/** Programs of a few lines that pods run: the export of a backup, and the way from Tor's socket to a service. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EXPORT } from '../src/kubernetes/backups.ts';
import { FORWARD } from '../src/kubernetes/tor.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyplex-small-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the export', () => {
  /** In place of the program: notes what it was asked, and writes the file or fails. */
  async function runExport(keep: number, status: number): Promise<number> {
    const program = join(folder, 'program.cjs');
    await writeFile(program, `const { writeFileSync } = require('node:fs'); const [, , ...words] = process.argv; writeFileSync('${join(folder, 'asked')}', words.slice(0, -1).join(' ')); if (${status} === 0) writeFileSync(words.at(-1), 'x'); process.exit(${status});`);
    const child = spawn(process.execPath, ['-e', EXPORT], { env: { BACKUP_FOLDER: join(folder, 'backups'), BACKUP_KEEP: String(keep), POLYPLEX_PROGRAM: program } });
    const [code] = (await once(child, 'exit')) as [number];
    return code;
  }

  test('keeps the newest, removes what was not finished, touches nothing else', async () => {
    await mkdir(join(folder, 'backups'));
    for (const name of ['relay-20010101T030000.store', 'relay-20010102T030000.store', 'relay-20010103T030000.store', 'relay-20010104T030000.store.part', 'notes.txt']) await writeFile(join(folder, 'backups', name), 'x');
    expect(await runExport(2, 0)).toBe(0);
    const left = await readdir(join(folder, 'backups'));
    expect(left.sort()).toEqual(['notes.txt', 'relay-20010103T030000.store', expect.stringMatching(/^relay-(?!2001)\d{8}T\d{6}\.store$/)]);
  });

  test('that failed is told, and removes no older one', async () => {
    await mkdir(join(folder, 'backups'));
    await writeFile(join(folder, 'backups/relay-20260101T030000.store'), 'x');
    expect(await runExport(1, 6)).toBe(6);
    expect(await readdir(join(folder, 'backups'))).toEqual(['relay-20260101T030000.store']);
  });
});

test('what comes to the socket goes to the service, both ways, until either ends', async () => {
  const service = createServer((socket) => {
    socket.once('data', (data: Buffer) => socket.end(`answer to ${data.toString()}`));
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const path = join(folder, 'relay');
  const { port } = service.address() as { port: number };
  const forward = spawn(process.execPath, ['-e', FORWARD], { env: { FORWARD: `${path}|127.0.0.1|${port} ${path}2|127.0.0.1|1` }, stdio: 'ignore' });
  const ended = once(forward, 'exit');
  try {
    await expect.poll(async () => (await readdir(folder)).sort(), { timeout: 20_000 }).toEqual(['relay', 'relay2']);
    const client = connect(path);
    client.write('a question');
    expect(await text(client)).toBe('answer to a question');
    // Nobody is there: the client is told by an end, and the next one is served.
    const inVain = connect(`${path}2`);
    await once(inVain, 'close');
    const again = connect(path);
    again.write('another');
    expect(await text(again)).toBe('answer to another');
  } finally {
    forward.kill('SIGTERM');
    service.close();
  }
  expect(await ended).toEqual([0, null]);
});
