/** The report in an operator's words. */
import { sizeText } from '../moving/progress.ts';
import { SERVICE_NOUNS } from '../settings/servers.ts';
import { harmless } from '../status/table.ts';
import type { BackupReport } from './backup-room.ts';
import type { RunningNode } from './find-stores.ts';
import type { StoreReport } from './store-report.ts';
import type { UpgradeReport } from './upgrade-report.ts';

const INDENT = '  ';

export function reportText(report: UpgradeReport): string {
  const { program, format, settings, files, stores, nodes, rolling, backups } = report;
  const blocks = [
    `polyplex ${program} keeps data in format ${String(format)}.`,
    block('Settings', settings.length === 0 ? ['right, each of them known to this program'] : settings.map(({ setting, message, source }) => `${setting}: ${message}${source === null ? '' : ` [${source}]`}`)),
    ...(settings.length > 0 ? [] : [block('Files', files === null ? ['certificates, keys and passwords are there'] : files.split('\n'))]),
    stores === null ? block('Data', ['not looked at: settings say where it is, and they are wrong']) : block('Data', stores.flatMap(storeLines)),
    ...(nodes.length === 0 ? [] : [block('Nodes that run', nodes.map(nodeLine))]),
    ...(rolling === null ? [] : [block('Update', [rolling.says])]),
    ...(backups.length === 0 ? [] : [block('Backups', backups.map(backupLine))]),
    report.verdict === 'heed' ? heedText(report) : VERDICTS[report.verdict],
  ];
  return `${blocks.join('\n\n')}\n`;
}

const VERDICTS: Readonly<Record<Exclude<UpgradeReport['verdict'], 'heed'>, string>> = {
  ready: 'Ready: this program can take over.',
  settings: 'Not ready: mend the settings, then ask again.',
  files: 'Not ready: mend the files, then ask again.',
  stores: 'Not ready: this program does not open the data. Nothing was changed.',
};

function heedText({ stores, backups }: UpgradeReport): string {
  const isBotsOlder = stores?.some(({ server, state }) => server === 'bot' && state === 'older') === true;
  return ['This program can take over.', ...(backups.length === 0 ? [] : ['Make a backup first: polyplex admin backup start.']), ...(isBotsOlder ? ['Copy the data of the bot first, while it is stopped.'] : [])].join(' ');
}

function block(title: string, lines: readonly string[]): string {
  return `${title}\n${lines.map((line) => INDENT + line).join('\n')}`;
}

function storeLines({ server, engine, place, bytes, says }: StoreReport): string[] {
  return [`${SERVICE_NOUNS[server]}, ${engine}, ${place}${bytes === null ? '' : `, ${sizeText(bytes)}`}`, `${INDENT}${says}`];
}

/** What nodes told of themselves cannot steer the terminal. */
function nodeLine({ service, node, version }: RunningNode): string {
  return harmless(`${service} ${node}: ${version}`);
}

function backupLine({ server, folder, newest, neededBytes, freeBytes, enough }: BackupReport): string {
  const last = newest === null ? 'none yet' : `the newest of ${newest.madeAt.slice(0, 16).replace('T', ' ')} UTC, by polyplex ${newest.program}`;
  const room = freeBytes === null ? 'the disk does not tell its room' : `another takes ${sizeText(neededBytes)} of ${sizeText(freeBytes)} free`;
  return `${SERVICE_NOUNS[server]}, ${folder}: ${last}; ${room}${enough ? '' : ', which is not enough'}`;
}
