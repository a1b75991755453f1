/** What the commands that talk to file servers have in common: how servers are reached, and what is said while that fails. */
import { errorText, MINUTE, SECOND } from '@polyplex/base';
import { http2Dial, type RetryNotice, type ServerLinesOptions } from '@polyplex/client';
import type { HostPort } from '@polyplex/node';
import { type Command, InvalidArgumentError } from 'commander';
import { interruption } from '../moving/interruption.ts';
import { SOCKS_PORT, socksArgument } from '../socks-argument.ts';

export interface TransferFlags {
  readonly socks?: HostPort;
  readonly proxyAll?: true;
  readonly attempts: number;
}

const DEFAULT_ATTEMPTS = 6;
const MAX_ATTEMPTS = 1000;

/** Adds `--socks`, `--proxy-all` and `--attempts`. */
export function withTransferOptions(command: Command): Command {
  return command
    .option('--socks <host:port>', `SOCKS5 proxy for .onion hosts (default port ${SOCKS_PORT})`, socksArgument)
    .option('--proxy-all', 'reach all servers by that proxy, so that none sees your address')
    .option('--attempts <number>', 'how often a server that does not answer is tried', attemptsArgument, DEFAULT_ATTEMPTS);
}

function attemptsArgument(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MAX_ATTEMPTS) throw new InvalidArgumentError(`a number from 1 to ${MAX_ATTEMPTS} is needed`);
  return value;
}

/** `onRetry` hears of it after it was said; the progress line makes room there. */
export function linesOptions({ socks, proxyAll, attempts }: TransferFlags, makeRoom: () => void = () => undefined): ServerLinesOptions {
  const mode = proxyAll === true ? 'always' : 'onion';
  return {
    attempts,
    connect: {
      dial: http2Dial({ socks: socks === undefined ? undefined : { ...socks, mode } }),
      hosts: { onionReachable: socks !== undefined },
    },
    onRetry: (notice) => {
      makeRoom();
      process.stderr.write(`${retryText(notice)}\n`);
    },
  };
}

function retryText({ address, error, waitMs }: RetryNotice): string {
  return `${address.hosts[0]!}: ${errorText(error)}; trying again in ${Math.ceil(waitMs / SECOND)} s`;
}

/** Runs something that waits for servers; the signal comes with Ctrl-C. */
export async function interruptibly<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // While a server is waited for, nothing else may keep the process alive.
  const alive = setInterval(() => undefined, MINUTE);
  try {
    return await task(interruption());
  } finally {
    clearInterval(alive);
  }
}
