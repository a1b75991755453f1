/** What the relay says about itself to people (SMP §9.8): its address, who runs it and under which rules. */
import { DAY, HOUR, MINUTE } from '@polyplex/base';
import { hostKind } from '@polyplex/protocol-common';
import { toString as qrCode } from 'qrcode';
import type { SmpConfig } from '../config/smp-config.ts';
import { escapeHtml, htmlPage, type Page } from './html.ts';

export interface PageFacts {
  readonly config: SmpConfig;
  /** Without password. */
  readonly address: string;
  readonly version: string;
}

type Row = readonly [label: string, html: string];

/** Renders the page; everything configured is escaped. */
export async function informationPage({ config, address, version }: PageFacts): Promise<Page> {
  const qr = await qrCode(address, { type: 'svg', margin: 2 });
  const image = `data:image/svg+xml;base64,${Buffer.from(qr).toString('base64')}`;
  const operator = config.information.operator;
  const host = config.address.hosts[0] ?? '';
  const body = [
    `<h1>SimpleX relay ${escapeHtml(host)}</h1>`,
    `<p>This server passes on end-to-end encrypted messages for <a href="https://simplex.chat">SimpleX</a> apps${operator === null ? '' : `. It is run by ${escapeHtml(operator)}`}.
It keeps a message until it is received, and knows neither who sends nor who receives.</p>`,
    '<h2>Address</h2>',
    '<p>To use it, add this address to the message servers in the settings of your app, or scan the code there.</p>',
    `<code class="box">${escapeHtml(address)}</code>`,
    `<img class="qr" alt="QR code of the address" src="${image}">`,
    section('Service', serviceRows(config)),
    section('Operator', operatorRows(config.information)),
    section('Hosting', hostingRows(config.information)),
    section('Software', softwareRows(config.information, version)),
  ];
  return htmlPage({ title: `SimpleX relay ${host}`, body: body.join('\n') });
}

function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const list = rows.map(([label, html]) => `<div><dt>${label}</dt><dd>${html}</dd></div>`).join('\n');
  return `<h2>${title}</h2>\n<dl>\n${list}\n</dl>`;
}

function serviceRows({ access, messages, proxy, address }: SmpConfig): Row[] {
  const creating = access.passwordFile === null ? 'open to everyone' : 'with a password from the operator';
  const onion = address.hosts.filter((host) => hostKind(host) === 'onion');
  return [
    ['New queues', access.newQueues ? creating : 'not accepted'],
    ['Messages are kept', `until received, at most ${inWords(messages.expireAfter)}, ${String(messages.quota)} a queue, on disk`],
    ['Private routing', proxy.enabled ? 'to other relays for its users' : 'off'],
    ...onion.map((host): Row => ['Over Tor', escapeHtml(host)]),
  ];
}

/** Rounded down to the largest unit that fits. */
function inWords(ms: number): string {
  const [unit, name] = ([[DAY, 'day'], [HOUR, 'hour'], [MINUTE, 'minute']] as const).find(([each]) => ms >= each) ?? [MINUTE, 'minute'];
  const count = Math.floor(ms / unit);
  return `${String(count)} ${name}${count === 1 ? '' : 's'}`;
}

type Information = SmpConfig['information'];

function operatorRows(info: Information): Row[] {
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

function hostingRows(info: Information): Row[] {
  return present([
    ['Provider', asText(info.hosting === null ? null : join(info.hosting, info.hostingCountry))],
    ['Kind of machine', asText(info.hostingType)],
    ['Country of the machine', asText(info.serverCountry)],
  ]);
}

function softwareRows(info: Information, version: string): Row[] {
  return present([['Version', `Polyplex ${escapeHtml(version)}`], ['Source code', asLink(info.sourceCode)]]);
}

function present(rows: readonly (readonly [string, string | null])[]): Row[] {
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
