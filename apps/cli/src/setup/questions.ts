/** What `polyplex init` asks on a terminal; whatever was given as an option is not asked for. */
import { createInterface } from 'node:readline/promises';
import { isServerPassword } from '@polyplex/protocol-common';
import { CliError } from '../report-failure.ts';
import { readHosts } from './host-names.ts';
import { randomPassword } from './password.ts';

export interface Answers {
  readonly hosts: readonly string[];
  /** Null for none. */
  readonly password: string | null;
}

export interface Given {
  readonly hosts: readonly string[] | null;
  /** Undefined: not given. */
  readonly password: string | null | undefined;
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks until each answer is a possible one; rejects with `CliError` when the terminal is closed (Ctrl-C, Ctrl-D). */
export async function askQuestions(given: Given, terminal: Terminal): Promise<Answers> {
  const lines = createInterface({ ...terminal });
  const closed = new AbortController();
  lines.once('close', () => closed.abort());
  const ask = async <T>(question: string, read: (text: string) => T | string): Promise<T> => {
    for (;;) {
      const answer = read((await lines.question(question, { signal: closed.signal })).trim());
      if (typeof answer !== 'string') return answer;
      terminal.output.write(`${answer}\n`);
    }
  };
  try {
    const hosts = given.hosts ?? (await ask('Host name by which apps reach relay and file server (several: a,b.onion) [localhost]: ', hostsAnswer));
    const password = given.password !== undefined
      ? given.password
      : (await ask('Password for creating queues and files: (r)andom, (n)one, or type one [r]: ', passwordAnswer)).password;
    return { hosts, password };
  } catch (error) {
    if (closed.signal.aborted) throw new CliError('FAILED', 'given up; nothing was made', { cause: error });
    throw error;
  } finally {
    lines.close();
  }
}

/** A text says what is wrong. */
function hostsAnswer(text: string): readonly string[] | string {
  return readHosts(text === '' ? 'localhost' : text) ?? 'That is no host name or IP address, nor a list of such.';
}

function passwordAnswer(text: string): { readonly password: string | null } | string {
  if (text === '' || text === 'r') return { password: randomPassword() };
  if (text === 'n') return { password: null };
  return isServerPassword(text) ? { password: text } : 'A password may have printable characters except space, @, : and /.';
}
