/** `polyplex queue`: an operator's steps on one queue of the running relay (SMP §8.5), by way of its admin port. */
import { readDuration, readSecret } from '@polyplex/config';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { SmpConfig } from 'smp-server';
import { type ConfigFlags, loadSmpConfig, withConfigOptions } from '../config-options.ts';
import { CliError } from '../report-failure.ts';

const TIMEOUT_MS = 30_000;

interface BlockFlags extends ConfigFlags {
  readonly reason: 'spam' | 'content';
  /** Seconds. */
  readonly notice?: number;
}

type Action = 'status' | 'block' | 'unblock' | 'delete';

async function act(action: Action, flags: ConfigFlags, body: object): Promise<void> {
  const { admin } = loadSmpConfig(flags).values;
  const url = adminUrl(admin);
  const response = await post(`${url}/admin/queues/${action}`, admin.tokenFile, body);
  const answer = await answerOf(response);
  if (answer === null) {
    throw new CliError('FAILED', `what answers at ${url} is not the relay's admin port (HTTP status ${response.status}): check admin.host and admin.port`);
  }
  if (!response.ok) throw new CliError('FAILED', `refused: ${String(answer['message'])}`);
  for (const [name, value] of Object.entries(answer)) process.stdout.write(`${name}: ${String(value)}\n`);
}

/** Null for anything that the admin port does not answer: it always speaks JSON, and refuses with a message. */
async function answerOf(response: Response): Promise<Record<string, unknown> | null> {
  const answer: unknown = await response.json().catch(() => null);
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return null;
  return response.ok || 'message' in answer ? (answer as Record<string, unknown>) : null;
}

async function post(url: string, tokenFile: string | null, body: object): Promise<Response> {
  const authorization = tokenFile === null ? {} : { authorization: `Bearer ${readSecret('admin.tokenFile', tokenFile)}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  try {
    return await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new CliError('FAILED', `the relay's admin port does not answer at ${new URL(url).origin}: is the relay running?`, { cause: error });
  }
}

/** Where a relay that listens on all addresses is reached from its own machine. */
const OWN: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

function adminUrl({ host, port }: SmpConfig['admin']): string {
  return `http://${OWN[host] ?? (host.includes(':') ? `[${host}]` : host)}:${String(port)}`;
}

function noticeArgument(text: string): number {
  const ms = readDuration(text);
  if (ms === null || ms < 1000) throw new InvalidArgumentError('a duration such as 30d');
  return Math.floor(ms / 1000);
}

const ID = 'the queue\'s sender id or link id, in base64url as it stands in addresses and links';

function queueAction(action: Exclude<Action, 'block'>, description: string): Command {
  return withConfigOptions(new Command(action)).description(description).argument('<id>', ID)
    .action((id: string, flags: ConfigFlags) => act(action, flags, { id }));
}

function blockAction(): Command {
  return withConfigOptions(new Command('block'))
    .description('accept nothing more for a queue and tell its owner why')
    .argument('<id>', ID)
    .addOption(new Option('-r, --reason <reason>', 'why').choices(['spam', 'content']).makeOptionMandatory())
    .option('--notice <duration>', 'how long apps show a notice about it', noticeArgument)
    .action((id: string, { reason, notice, ...flags }: BlockFlags) => act('block', flags, { id, reason, noticeSeconds: notice ?? null }));
}

const HELP = `
An id that begins with a dash goes after "--".

Examples:
  polyplex queue status 3kHvF0Qk1b7uTgN8lqWm0hXc5Yx2Zs4R
  polyplex queue block --reason spam -- -kHvF0Qk1b7uTgN8lqWm0hXc5Yx2Zs4R`;

export function queueCommand(): Command {
  return new Command('queue')
    .description('look at, block, unblock or delete a queue of the running relay')
    .addCommand(queueAction('status', 'say what state a queue is in'))
    .addCommand(blockAction())
    .addCommand(queueAction('unblock', 'undo a block'))
    .addCommand(queueAction('delete', 'delete a queue with its messages'))
    .addHelpText('after', HELP);
}
