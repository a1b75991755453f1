/** Who the bot is, how it reaches relays, and how it directs people to groups (directory §3). */
import { duration, integer, optionalPath, optionalText, path, section, text, textList, toggle } from '@polyplex/config';
import { adminSection } from '@polyplex/node';
import { parseAddress } from '@polyplex/protocol-common';

const MAX_PEOPLE = 100;
const MAX_RELAYS = 64;
const MANY = 1_000_000;

/** A contact as an operator names it: the number and the local name that the bot tells it (directory §3.5). */
export interface NamedContact {
  readonly contactId: number;
  readonly name: string;
}

/** Null for anything else. */
export function readNamedContact(entry: string): NamedContact | null {
  const [, number, name] = /^(\d{1,9}):(\S(?:.*\S)?)$/.exec(entry) ?? [];
  return number === undefined || name === undefined || Number(number) === 0 ? null : { contactId: Number(number), name };
}

function isNamedContact(entry: string): boolean {
  return readNamedContact(entry) !== null;
}

const NAMED = { matches: isNamedContact, allowed: '`number:name`, as `/whoami` answers it' } as const;

export const bot = section('The directory bot: where people find groups, and register their own. `polyplex bot init` makes one.', {
  displayName: text({ default: 'Directory', describe: 'The bot\'s name, as its contacts see it.' }),
  shortDescription: optionalText({ describe: 'One line about it.' }),
  imageFile: optionalPath({ describe: 'Its picture: JPEG or PNG, up to 9 KB.' }),
  relays: textList({
    default: [], max: MAX_RELAYS, matches: (relay) => parseAddress(relay)?.scheme === 'smp', allowed: 'addresses `smp://…`, with the password of each that has one',
    describe: 'Relays for the bot\'s own queues; none is the relay of this configuration.',
  }),
  fileServers: textList({
    default: [], max: MAX_RELAYS, matches: (server) => parseAddress(server)?.scheme === 'xftp', allowed: 'addresses `xftp://…`, with the password of each that has one',
    describe: 'File servers for voice captchas; none is the file server of this configuration.',
  }),
  dataDir: optionalPath({ describe: 'Folder in which the bot keeps everything under `bot`; made when missing. None is that of `storage.dataDir`.' }),
  keyFile: path({ default: 'bot/store.key', describe: 'The key under which the bot\'s data are sealed on the disk. Without it they are lost: keep a copy.' }),
});

export const botDirectory = section('How the directory works.', {
  superUsers: textList({ default: [], max: MAX_PEOPLE, ...NAMED, describe: 'Who approves groups and may do everything. Connect to the bot, send it `/whoami`, and put its answer here.' }),
  adminUsers: textList({ default: [], max: MAX_PEOPLE, ...NAMED, describe: 'Who approves groups, without promoting them.' }),
  ownersGroup: optionalText({ ...NAMED, allowed: '`number:name` of a group, as `/list` answers it', describe: 'Group to which owners are invited when their group is approved; the bot must be its admin.' }),
  pageSize: integer({ default: 10, min: 1, max: 50, unit: 'groups', describe: 'Results in one answer.' }),
  profileNameLimit: integer({ default: 0, min: 0, max: 10_000, unit: 'characters; 0: no limit', describe: 'Longer names of joiners are refused where a group filters names.' }),
  blockedWordsFile: optionalPath({ describe: 'Words that names of joiners must not have, one a line.' }),
  blockedFragmentsFile: optionalPath({ describe: 'Parts of words likewise, one a line.' }),
  blockedRulesFile: optionalPath({ describe: 'JSON: how blocked words are varied, `[["pattern", ["replacement"]]]`.' }),
  spellingFile: optionalPath({ describe: 'JSON: how characters are written otherwise, `[["a", ["@", "4"]]]`.' }),
  alwaysCaptcha: toggle({ default: false, describe: 'Whether everybody who joins by a link of the bot has to pass a captcha, whatever the group\'s filter says.' }),
  knocking: toggle({ default: false, describe: 'Whether the group\'s moderators admit everybody who joins by a link of the bot.' }),
  prohibitedToObserver: toggle({ default: false, describe: 'Whether a member who posts what the group does not allow becomes an observer, and the message is deleted.' }),
  drawsCaptchas: toggle({ default: true, describe: 'Whether the bot draws captchas itself; otherwise, and without a program for it, they are text.' }),
  imageCaptchaCommand: optionalPath({ describe: 'Program that draws captchas instead: called with the text, it writes a data URI of up to 12,500 bytes.' }),
  voiceCaptchaCommand: optionalPath({ describe: 'Program that speaks captchas for who asks: called with the text, it writes the path of an audio file, and in the next line its seconds. The file is sent and deleted.' }),
  linkCheckInterval: duration({ default: '1h', min: '0', max: '30d', describe: 'How often the link of each channel on the list is read again: for changes, its owners and the number of subscribers; `0`: never.' }),
  captchaTimeout: duration({ default: '15s', min: '1s', max: '2m', describe: 'Time for each of these programs.' }),
  rulesLink: optionalText({ matches: (link) => /^https:\/\/\S+$/.test(link), allowed: 'a link beginning with https://', describe: 'The rules of the directory, which newcomers are told.' }),
});

export const botLimits = section('Bounds on what those who talk to the bot can use up.', {
  registrationsPerContact: integer({ default: 50, min: 1, max: MANY, unit: 'groups', describe: 'Groups that one contact may register.' }),
});

export const botWeb = section('The directory as a web page and JSON files, for those who look before they install an app.', {
  enabled: toggle({ default: true, describe: 'Whether the page is served.' }),
  host: text({ default: '127.0.0.1', describe: 'Address to listen on. The page is HTTP: put a web server with a certificate before it.' }),
  port: integer({ default: 8390, min: 0, max: 65_535, describe: 'Port to listen on, 0: any free one.' }),
  folder: optionalPath({ describe: 'Folder for the files, for a web server of your own; none is `web` beside the bot\'s data.' }),
  interval: duration({ default: '5m', min: '1s', max: '1d', describe: 'How often the files are written at least; a change of the list is written at once.' }),
});

/** Above those of the servers. */
const ADMIN_PORT = 8380;

export const botAdmin = adminSection({ port: ADMIN_PORT, server: 'directory bot', auditName: 'bot' });
