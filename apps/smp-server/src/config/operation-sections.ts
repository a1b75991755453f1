/** How operators watch and steer the relay, and what its page says about them (SMP §9.2 INFORMATION, §9.8). */
import { choice, duration, formatDuration, optionalPath, optionalText, port, section, text } from '@polyplex/config';
import { DEFAULT_OPTIONS } from '@polyplex/server-smp';
import { LOG_LEVELS, type LogLevel } from '@polyplex/telemetry';
import { isListenHost } from './listen-host.ts';

export const admin = section('Health, metrics and administration over HTTP. Keep it away from the internet.', {
  host: text({ default: '127.0.0.1', matches: isListenHost, allowed: 'a host name or IP address', describe: 'Address to listen on. Any but a loopback address requires `tokenFile`.' }),
  port: port({ default: 8080, describe: 'Port to listen on.' }),
  tokenFile: optionalPath({ describe: 'File with the token that requests must carry (`Authorization: Bearer …`); /healthz and /readyz need none.' }),
});

export const log = section('What goes to the standard error stream. Never addresses of clients, ids or content.', {
  level: choice({ of: LOG_LEVELS as unknown as readonly [LogLevel, ...LogLevel[]], default: 'info', describe: 'The least important lines that are written.' }),
  format: choice({ of: ['text', 'json'], default: 'text', describe: 'Lines for people, or one JSON object a line.' }),
});

export const shutdown = section('How the relay stops.', {
  drainTimeout: duration({ default: formatDuration(DEFAULT_OPTIONS.drainMs), min: '0', max: '10m', describe: 'Time over which closing the connections is spread, so that clients do not return all at once.' }),
});

const link = (text: string): boolean => /^https:\/\/\S+$/.test(text);
const simplexLink = (text: string): boolean => /^(https|simplex):\S+$/.test(text);
const country = (text: string): boolean => /^[A-Za-z]{2}$/.test(text);
const email = (text: string): boolean => /^[^\s@<>"]+@[^\s@<>"]+$/.test(text);

const LINK = 'a link beginning with https://';
const SIMPLEX = 'a SimpleX address (https: or simplex:)';
const COUNTRY = 'a country code of two letters';
const EMAIL = 'an email address';

export const information = section('What the information page says about the relay and who runs it.', {
  sourceCode: optionalText({ matches: link, allowed: LINK, describe: 'Where the source code of this relay is. The licence asks those who change it to publish it.' }),
  usageConditions: optionalText({ matches: link, allowed: LINK, describe: 'Conditions of use.' }),
  conditionAmendments: optionalText({ matches: link, allowed: LINK, describe: 'Amendments to the conditions.' }),
  serverCountry: optionalText({ matches: country, allowed: COUNTRY, describe: 'Where the machine stands.' }),
  operator: optionalText({ describe: 'Who runs the relay.' }),
  operatorCountry: optionalText({ matches: country, allowed: COUNTRY, describe: 'Where the operator is established.' }),
  website: optionalText({ matches: link, allowed: LINK, describe: 'The operator\'s website.' }),
  adminSimplex: optionalText({ matches: simplexLink, allowed: SIMPLEX, describe: 'The administrator on SimpleX.' }),
  adminEmail: optionalText({ matches: email, allowed: EMAIL, describe: 'The administrator\'s email.' }),
  adminPgp: optionalText({ matches: link, allowed: LINK, describe: 'The administrator\'s PGP key.' }),
  adminPgpFingerprint: optionalText({ describe: 'Fingerprint of that key.' }),
  complaintsSimplex: optionalText({ matches: simplexLink, allowed: SIMPLEX, describe: 'Where to complain, on SimpleX.' }),
  complaintsEmail: optionalText({ matches: email, allowed: EMAIL, describe: 'Where to complain, by email.' }),
  complaintsPgp: optionalText({ matches: link, allowed: LINK, describe: 'PGP key for complaints.' }),
  complaintsPgpFingerprint: optionalText({ describe: 'Fingerprint of that key.' }),
  hosting: optionalText({ describe: 'The hosting provider.' }),
  hostingCountry: optionalText({ matches: country, allowed: COUNTRY, describe: 'The provider\'s country.' }),
  hostingType: optionalText({ matches: (kind) => ['virtual', 'dedicated', 'colocation', 'owned'].includes(kind), allowed: '`virtual`, `dedicated`, `colocation` or `owned`', describe: 'Kind of machine.' }),
});
