/** What the log has warned of lately, newest first, and when certificates end. */
import type { Overview } from '@polyplex/admin-api';
import { dateAndTime, duration, longDate } from '../model/format.ts';
import type { KnownNode } from '../model/network.ts';
import { createList, h, isShown, setAttribute, setText, type View } from './dom.ts';
import { createIcon, type Level } from './icons.ts';
import type { Shown } from './shown.ts';

type Warning = Overview['warnings'][number] & { readonly node: string; readonly isWhole: boolean; readonly now: number };

const MAX_WARNINGS = 50;

export function createWarnings(): View<Shown> {
  const list = h('ul', { class: 'warnings' });
  const nothing = h('p', { class: 'hint' }, 'None lately.');
  const show = createList<Warning>(list, ({ node, at, level, message }) => `${node} ${at} ${level} ${message}`, createWarning);
  return {
    element: h('section', { class: 'card', 'aria-labelledby': 'warnings-title' }, h('h2', { id: 'warnings-title' }, 'Recent warnings'), nothing, list),
    update({ nodes, isWhole, now }) {
      const all = nodes.flatMap(({ key, overview }) => overview.warnings.map((warning) => ({ ...warning, node: key, isWhole, now })));
      const latest = all.sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, MAX_WARNINGS);
      isShown(nothing, latest.length === 0);
      show(latest);
    },
  };
}

function createWarning(): View<Warning> {
  const icon = createIcon();
  const [message, node, time, count] = [h('span', { class: 'message' }), h('span', { class: 'note' }), h('time', { class: 'note' }), h('b', { class: 'count' })];
  const level = h('span', { class: 'visually-hidden' });
  return {
    element: h('li', {}, icon.element, level, h('div', {}, h('div', {}, message, count), h('div', {}, time, node))),
    update(warning) {
      icon.set(warning.level === 'error' ? 'bad' : 'warn');
      setText(level, warning.level === 'error' ? 'Error: ' : 'Warning: ');
      setText(message, warning.message);
      setText(count, warning.count > 1 ? ` × ${String(warning.count)}` : '');
      const at = Date.parse(warning.at);
      setText(time, `${dateAndTime(at)} · ${duration(Math.max(0, Math.round((warning.now - at) / 1000)))} ago`);
      setAttribute(time, 'datetime', warning.at);
      setText(node, warning.isWhole ? ` · ${warning.node}` : '');
    },
  };
}

interface Certificate {
  readonly name: string;
  readonly notAfter: string;
  /** Of several nodes with different ones, the one whose ends first. */
  readonly first: string | null;
  readonly now: number;
}

const CERTIFICATE_NAMES: Readonly<Record<string, string>> = { identity: 'Identity of the server', web: 'Web page' };
const DAY_SECONDS = 86_400;

export function createCertificates(): View<Shown> {
  const list = h('ul', { class: 'certificates' });
  const nothing = h('p', { class: 'hint' }, 'None is told of.');
  const show = createList<Certificate>(list, ({ name }) => name, createCertificate);
  return {
    element: h('section', { class: 'card', 'aria-labelledby': 'certificates-title' }, h('h2', { id: 'certificates-title' }, 'Certificates'), nothing, list),
    update({ nodes, now }) {
      const all = certificatesOf(nodes, now);
      isShown(nothing, all.length === 0);
      show(all);
    },
  };
}

function certificatesOf(nodes: readonly KnownNode[], now: number): Certificate[] {
  const all = nodes.flatMap(({ key, overview }) => overview.certificates.map((each) => ({ ...each, key })));
  return [...Map.groupBy(all, ({ name }) => name).values()].map((same) => {
    const [first] = same.toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
    const { name, notAfter, key } = first!;
    return { name, notAfter, first: same.every((each) => each.notAfter === notAfter) ? null : key, now };
  });
}

function createCertificate(): View<Certificate> {
  const icon = createIcon();
  const [name, when] = [h('b'), h('span')];
  return {
    element: h('li', {}, icon.element, h('div', {}, h('div', {}, name), h('div', { class: 'note' }, when))),
    update(certificate) {
      const left = (Date.parse(certificate.notAfter) - certificate.now) / 1000;
      icon.set(certificateLevel(left));
      setText(name, CERTIFICATE_NAMES[certificate.name] ?? certificate.name);
      const day = longDate(Date.parse(certificate.notAfter));
      const text = left > 0 ? `ends on ${day}, in ${duration(left)}` : `ended on ${day}`;
      setText(when, certificate.first === null ? text : `${text}, first on ${certificate.first}`);
    },
  };
}

function certificateLevel(seconds: number): Level {
  if (seconds < 7 * DAY_SECONDS) return 'bad';
  return seconds < 30 * DAY_SECONDS ? 'warn' : 'good';
}
