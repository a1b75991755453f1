/** What `polyplex init` asks on a terminal; whatever was given as an option is not asked for. */
import { createInterface } from 'node:readline/promises';
import { hostKind, isServerPassword } from '@polyplex/protocol-common';
import { CliError } from '../report-failure.ts';
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

/** Asks until each answer is a possible one; rejects with `CliError` when the terminal is closed (Ctrl-C, Ctrl-D). */
export async function askQuestions(given: Given): Promise<Answers> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new AbortController();
  terminal.once('close', () => closed.abort());
  const ask = async <T>(question: string, read: (text: string) => T | undefined): Promise<T> => {
    for (;;) {
      const answer = read((await terminal.question(question, { signal: closed.signal })).trim());
      if (answer !== undefined) return answer;
    }
  };
  try {
    const hosts = given.hosts ?? (await ask('Host name by which apps reach the relay (several: a,b.onion) [localhost]: ', readHosts));
    const password = given.password !== undefined
      ? given.password
      : await ask('Password for creating queues: (r)andom, (n)one, or type one [r]: ', readPassword);
    return { hosts, password };
  } catch (error) {
    if (closed.signal.aborted) throw new CliError('FAILED', 'given up; nothing was made', { cause: error });
    throw error;
  } finally {
    terminal.close();
  }
}

function readHosts(text: string): readonly string[] | undefined {
  const hosts = (text === '' ? 'localhost' : text).split(',').map((host) => host.trim());
  return hosts.every((host) => hostKind(host) !== null) ? hosts : undefined;
}

function readPassword(text: string): string | null | undefined {
  if (text === '' || text === 'r') return randomPassword();
  if (text === 'n') return null;
  return isServerPassword(text) ? text : undefined;
}
