/** The fleet on a terminal: what needs attention first, then each server with its nodes and stores, then what they warn of. */
import type { GaugeName, Overview, ServiceName } from '@polyplex/admin-api';
import { SECOND } from '@polyplex/base';
import { noticesOf } from './attention.ts';
import type { FleetView } from './ask-fleet.ts';
import { bytes, count, duration } from './in-words.ts';
import { isReady, nodeTable } from './node-tables.ts';
import { storeTable } from './store-table.ts';
import { cut, harmless, type Page } from './table.ts';

const TITLES: Readonly<Record<ServiceName, string>> = { smp: 'SMP relay', xftp: 'XFTP file server', ntf: 'NTF push proxy', bot: 'Directory bot' };
const MAX_WARNINGS = 8;
const CLOCK = [11, 19] as const;

/** Lines without line ends. */
export function fleetLines(view: FleetView, page: Page): string[] {
  const { nodes, at } = view;
  const notices = noticesOf(nodes, view.problems, at).map(({ tone, text }) => page.paint(cut(`! ${harmless(text)}`, page.width), tone));
  return [headline(view, page), ...notices, ...servers(nodes).flatMap((group) => ['', ...serverLines(group, at, page)]), ...warningLines(nodes, page)];
}

export function isWell({ nodes, problems, answered }: FleetView): boolean {
  return answered && problems.length === 0 && nodes.every((node) => isReady(node));
}

function headline({ nodes, at }: FleetView, { paint, width }: Page): string {
  return paint(cut(`Polyplex: ${inAll(nodes)}   ${at.toISOString().slice(0, CLOCK[1]).replace('T', ' ')} UTC`, width), 'bold');
}

function inAll(nodes: readonly Overview[]): string {
  if (nodes.length === 0) return 'no answer';
  const notReady = nodes.filter((node) => !isReady(node)).length;
  const all = nodes.length === 1 ? '1 node, ' : `${String(nodes.length)} nodes, `;
  if (notReady > 0) return `${all}${String(notReady)} not ready`;
  return nodes.length === 1 ? `${all}ready` : `${all}all ready`;
}

/** Nodes of one service and identity are one server, the relay first. */
function servers(nodes: readonly Overview[]): Overview[][] {
  const groups = new Map<string, Overview[]>();
  for (const node of nodes) {
    const key = `${node.service} ${node.address.replace(/@.*$/, '')}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const order = ([key, [first]]: [string, Overview[]]): string => `${String(Object.keys(TITLES).indexOf(first?.service ?? ''))} ${key}`;
  return [...groups].toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).map(([, group]) => group.toSorted((a, b) => (a.node < b.node ? -1 : 1)));
}

function serverLines(nodes: readonly Overview[], at: Date, page: Page): string[] {
  const { service, address } = nodes[0]!;
  const stores = storeTable(nodes, page);
  return [
    `${page.paint(TITLES[service], 'bold')}  ${page.paint(cut(harmless(address), Math.max(0, page.width - TITLES[service].length - 2)), 'dim')}`,
    ...nodeTable(nodes, at, page),
    cut(`  ${contents(nodes)}`, page.width),
    ...(stores.length === 0 ? [] : ['', ...stores]),
  ];
}

/** What the server keeps: nodes that share a store all tell the same. */
function contents(nodes: readonly Overview[]): string {
  const { service, stores } = nodes[0]!;
  const isShared = stores.every(({ engine }) => engine !== 'embedded');
  const kept = (name: GaugeName): number | null => {
    const known = nodes.flatMap(({ gauges }) => gauges[name] ?? []);
    if (known.length === 0) return null;
    return isShared ? Math.max(...known) : known.reduce((sum, each) => sum + each, 0);
  };
  if (service === 'smp') return `${count(kept('queues'))} queues, ${count(kept('messages'))} messages waiting, ${count(kept('notifiers'))} notifiers`;
  if (service === 'ntf') return `${count(kept('tokens'))} devices, ${count(kept('activeTokens'))} verified, ${count(kept('watchedQueues'))} queues watched`;
  if (service === 'bot') return botContents(kept);
  const quota = kept('quotaBytes');
  return `${count(kept('files'))} files, ${bytes(kept('fileBytes'))}${quota === null ? '' : ` of ${bytes(quota)}`}`;
}

function botContents(kept: (name: GaugeName) => number | null): string {
  const waiting = kept('oldestApprovalSeconds');
  const since = waiting === null || waiting === 0 ? '' : `, one for ${duration(waiting * SECOND)}`;
  return [
    `${count(kept('groupsListed'))} groups listed, ${count(kept('groupsPending'))} wait for approval${since}`,
    `${count(kept('contacts'))} contacts, ${count(kept('groupMembers'))} members`, bytes(kept('storeBytes')),
  ].join('; ');
}

function warningLines(nodes: readonly Overview[], page: Page): string[] {
  // Servers of one process have one log.
  const all = new Map(nodes.flatMap(({ node, warnings }) => warnings.map((each) => [`${each.at} ${each.message}`, { ...each, node }] as const)));
  const latest = [...all.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1)).slice(-MAX_WARNINGS);
  if (latest.length === 0) return [];
  const lines = latest.map(({ at, level, node, message, count: times }) => {
    const text = `  ${at.slice(...CLOCK)} ${level.padEnd(5)} ${harmless(node)}: ${harmless(message)}${times > 1 ? ` (${String(times)} times)` : ''}`;
    return page.paint(cut(text, page.width), level === 'error' ? 'bad' : 'fair');
  });
  return ['', page.paint('Warnings', 'bold'), ...lines];
}
