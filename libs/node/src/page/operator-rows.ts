/** What an information page says of those who run a server (SMP §9.8, XFTP §7.6); everything configured is escaped. */
import { DAY, HOUR, MINUTE } from '@polyplex/base';
import type { OperatorInformation } from '../config/information-section.ts';
import { escapeHtml } from './html.ts';

/** Label and trusted HTML. */
export type PageRow = readonly [label: string, html: string];

/** A heading and its rows; nothing when there are none. */
export function pageSection(title: string, rows: readonly PageRow[]): string {
  if (rows.length === 0) return '';
  const list = rows.map(([label, html]) => `<div><dt>${label}</dt><dd>${html}</dd></div>`).join('\n');
  return `<h2>${title}</h2>\n<dl>\n${list}\n</dl>`;
}

/** The sections on operator, hosting and software. */
export function operatorSections(info: OperatorInformation, version: string): string[] {
  return [
    pageSection('Operator', operatorRows(info)),
    pageSection('Hosting', hostingRows(info)),
    pageSection('Software', present([['Version', `Polyplex ${escapeHtml(version)}`], ['Source code', asLink(info.sourceCode)]])),
  ];
}

/** Rounded down to the largest unit that fits. */
export function inWords(ms: number): string {
  const [unit, name] = ([[DAY, 'day'], [HOUR, 'hour'], [MINUTE, 'minute']] as const).find(([each]) => ms >= each) ?? [MINUTE, 'minute'];
  const count = Math.floor(ms / unit);
  return `${String(count)} ${name}${count === 1 ? '' : 's'}`;
}

function operatorRows(info: OperatorInformation): PageRow[] {
  const withCountry = info.operator === null ? null : join(info.operator, info.operatorCountry);
  return present([
    ['Operator', asText(withCountry)],
    ['Website', asLink(info.website)],
    ['Conditions of use', asLink(info.usageConditions)],
    ['Amendments', asLink(info.conditionAmendments)],
    ['Administrator', contact(info.adminSimplex, info.adminEmail)],
    ['Administrator\'s key', key(info.adminPgp, info.adminPgpFingerprint)],
    ['Complaints', contact(info.complaintsSimplex, info.complaintsEmail)],
    ['Key for complaints', key(info.complaintsPgp, info.complaintsPgpFingerprint)],
  ]);
}

function hostingRows(info: OperatorInformation): PageRow[] {
  return present([
    ['Provider', asText(info.hosting === null ? null : join(info.hosting, info.hostingCountry))],
    ['Kind of machine', asText(info.hostingType)],
    ['Country of the machine', asText(info.serverCountry)],
  ]);
}

function present(rows: readonly (readonly [string, string | null])[]): PageRow[] {
  return rows.flatMap(([label, html]) => (html === null ? [] : [[label, html] as const]));
}

function join(name: string, country: string | null): string {
  return country === null ? name : `${name} (${country.toUpperCase()})`;
}

function asText(text: string | null): string | null {
  return text === null ? null : escapeHtml(text);
}

/** Configured links begin with https: or simplex:, which the configuration has checked. */
function asLink(url: string | null, label = url): string | null {
  return url === null ? null : `<a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(label ?? url)}</a>`;
}

function contact(simplex: string | null, email: string | null): string | null {
  const ways = [asLink(simplex, 'SimpleX address'), email === null ? null : asLink(`mailto:${email}`, email)].filter((way) => way !== null);
  return ways.length === 0 ? null : ways.join(' · ');
}

function key(url: string | null, fingerprint: string | null): string | null {
  const parts = [asLink(url), fingerprint === null ? null : `<code>${escapeHtml(fingerprint)}</code>`].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join('<br>');
}
