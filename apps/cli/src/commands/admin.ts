/** `polyplex admin`: an operator's steps on running servers as a whole (SMP §9.5), by way of their admin ports. */
import { setTimeout } from 'node:timers/promises';
import { ADMIN_ROUTES, type AdminRoute, type AnswerOf, type RequestOf, type RouteName } from '@polyplex/admin-api';
import { LOG_LEVELS, type LogLevel } from '@polyplex/telemetry';
import { Argument, Command } from 'commander';
import { type AdminTarget, ask } from '../admin-client.ts';
import { withOnlyOption } from '../config-options.ts';
import { type AdminFlags, meantServers, targetOf, withAdminOptions } from '../control/admin-flags.ts';
import { auditText, backupText, clientsText, lines } from '../control/answer-text.ts';
import { CliError } from '../report-failure.ts';
import { SERVICE_NAMES, SERVICE_NOUNS, type ServiceName } from '../settings/servers.ts';

const WAIT_STEP_MS = 500;

interface Question<N extends RouteName> {
  readonly route: N;
  readonly body?: RequestOf<N>;
  readonly text: (answer: AnswerOf<N>) => string;
  /** Asked instead of all that are meant. */
  readonly servers?: readonly ServiceName[];
}

/** Of those that are meant, the ones that have the route; of `--only`, that one, which says itself that it has not. */
function serversWith(flags: AdminFlags, route: RouteName): readonly ServiceName[] {
  const { of }: AdminRoute = ADMIN_ROUTES[route];
  const meant = meantServers(flags);
  return flags.only === undefined ? meant.filter((name) => of.includes(name)) : meant;
}

/** Each server's answer under its name; as JSON, an object by `smp`, `xftp`, `ntf` and `bot`. */
async function askAll<N extends RouteName>(flags: AdminFlags, { route, body, text, servers = serversWith(flags, route) }: Question<N>): Promise<void> {
  const answers: [ServiceName, AnswerOf<N>][] = [];
  for (const name of servers) answers.push([name, await ask(targetOf(flags, name), route, body)]);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(Object.fromEntries(answers))}\n`);
  else process.stdout.write(`${answers.map(([name, answer]) => titled(servers, name, text(answer))).join('\n\n')}\n`);
}

function titled(servers: readonly ServiceName[], name: ServiceName, text: string): string {
  return servers.length === 1 ? text : `${SERVICE_NOUNS[name].replace(/^./, (first) => first.toUpperCase())}\n${text.replace(/^(?=.)/gm, '  ')}`;
}

function adminStep(name: string, description: string): Command {
  return withOnlyOption(withAdminOptions(new Command(name)), 'one server alone', SERVICE_NAMES).description(description);
}

function look<N extends RouteName>(name: string, description: string, question: Question<N>): Command {
  return adminStep(name, description).action((flags: AdminFlags) => askAll(flags, question));
}

function logLevel(): Command {
  return adminStep('log-level', 'say or change what is logged, until the process ends')
    .addArgument(new Argument('[level]', 'the least that is logged from now on').choices(LOG_LEVELS))
    .action((level: LogLevel | undefined, flags: AdminFlags) => {
      const text = ({ level: now }: { readonly level: string }): string => now;
      return level === undefined ? askAll(flags, { route: 'logLevel', text }) : askAll(flags, { route: 'setLogLevel', body: { level }, text });
    });
}

async function startBackup(flags: AdminFlags & { readonly wait?: true }): Promise<void> {
  const servers = serversWith(flags, 'beginBackup');
  if (flags.wait === undefined) return askAll(flags, { route: 'beginBackup', body: {}, servers, text: ({ name }) => `begun: ${name}` });
  const targets = servers.map((name) => [name, targetOf(flags, name)] as const);
  for (const [, target] of targets) await ask(target, 'beginBackup', {});
  for (const [, target] of targets) await backupEnded(target);
  await askAll(flags, { route: 'backup', servers, text: backupText });
}

/** Rejects with `CliError` FAILED when it failed. */
async function backupEnded(target: AdminTarget): Promise<void> {
  let state = await ask(target, 'backup');
  while (state?.state === 'running') {
    await setTimeout(WAIT_STEP_MS);
    state = await ask(target, 'backup');
  }
  if (state?.state !== 'done') throw new CliError('FAILED', `the ${target.noun}'s backup failed: ${state?.error ?? 'it is not known any more'}`);
}

function backup(): Command {
  return new Command('backup')
    .description('copy all that a server keeps while it runs')
    .addCommand(adminStep('start', 'begin a backup').option('--wait', 'until it has ended; exit code 1 when it failed').action(startBackup))
    .addCommand(look('status', 'say how the backup under way is, or the last one', { route: 'backup', text: backupText }));
}

const HELP = `
Without --only, all servers are asked that the configuration has, and the directory bot what it knows of; --json prints an object
with "smp", "xftp", "ntf" and "bot". With --url it is that port alone, a relay's unless --only says which. Of several nodes each has a port of its own.

Examples:
  polyplex admin stats
  polyplex admin stats --only smp --json | jq .smp.msgSent
  polyplex admin clients
  polyplex admin log-level debug --only smp
  polyplex admin backup start --wait && polyplex admin backup status
  polyplex admin audit --url https://admin.example.org --token-file token`;

export function adminCommand(): Command {
  return new Command('admin')
    .description('steer running servers: counters, clients, saving, log level, backups, audit log')
    .addCommand(look('stats', 'all counters and gauges by the reference\'s names', { route: 'stats', text: lines }))
    .addCommand(look('clients', 'how clients of the relay are spread', { route: 'clients', text: clientsText, servers: ['smp'] }))
    .addCommand(look('save', 'write what is only in memory, such as statistics', { route: 'save', body: {}, text: () => 'saved' }))
    .addCommand(logLevel())
    .addCommand(backup())
    .addCommand(look('audit', 'what operators did lately', { route: 'audit', text: auditText }))
    .addHelpText('after', HELP);
}
