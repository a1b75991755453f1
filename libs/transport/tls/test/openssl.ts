/** The `openssl` command as a peer that shares no code with ours. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanup } from './support.ts';

/** Runs to the end; resolves with what it said on both streams. `input` goes to its standard input line by line. */
export function openssl(args: readonly string[], input: readonly string[] = []): Promise<string> {
  const process = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  cleanup(() => process.kill());
  let said = '';
  process.stdout.on('data', (data: Buffer) => (said += data.toString('latin1')));
  process.stderr.on('data', (data: Buffer) => (said += data.toString('latin1')));
  process.stdin.on('error', () => {});
  const feed = async (): Promise<void> => {
    for (const line of input) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      process.stdin.write(`${line}\n`);
    }
    if (!args.includes('s_client') || input.length > 0) process.stdin.end();
  };
  void feed();
  return new Promise((resolve) => process.once('close', () => resolve(said)));
}

/** A folder of its own, removed after the test. */
export async function temporaryFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'polyplex-tls-'));
  cleanup(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}
