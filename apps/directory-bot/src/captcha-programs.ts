/** The operator's programs that draw and speak captchas (directory §3.7): called with the text alone, bounded in time and in what they say. */
import { execFile } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '@polyplex/base';
import { readVoiceOutput } from '@polyplex/directory';

const run = promisify(execFile);
const MAX_OUTPUT_BYTES = 64 * 1024;

/** The first lines of what the program wrote; rejects where it fails, says too much or takes too long. */
export async function outputOf(program: string, captcha: string, timeoutMs: number): Promise<readonly string[]> {
  const { stdout } = await run(program, [captcha], { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true });
  return stdout.split('\n').map((line) => line.trim());
}

export interface SpokenCaptcha {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Seconds. */
  readonly duration: number;
}

/** Minutes of speech. */
const MAX_VOICE_BYTES = 4 * 1024 * 1024;

/** The audio file that the program made, which is taken away; rejects as `outputOf`, and where there is none or it is too large. */
export async function spokenBy(program: string, captcha: string, timeoutMs: number): Promise<SpokenCaptcha> {
  const voice = readVoiceOutput((await outputOf(program, captcha, timeoutMs)).join('\n'));
  if (voice === null) throw new CodedError('FORMAT', 'the program names no audio file');
  const { path, duration } = voice;
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > MAX_VOICE_BYTES) throw new CodedError('FORMAT', 'the audio file is none, or too large');
    return { name: basename(path), bytes: await readFile(path), duration };
  } finally {
    await rm(path, { force: true });
  }
}
