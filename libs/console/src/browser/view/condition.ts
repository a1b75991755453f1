/** How a node, or all of them, are, in a word and a sentence. */
import { clockTime, counted, duration } from '../model/format.ts';
import type { KnownNode } from '../model/network.ts';
import type { Link } from '../watch.ts';
import type { Level } from './icons.ts';
import { SERVICE_NAMES, type Shown } from './shown.ts';

export interface Condition {
  readonly level: Level;
  readonly word: string;
  readonly sentence: string;
}

export function conditionOfNode({ presence, overview }: KnownNode): { readonly level: Level; readonly word: string } {
  if (presence === 'stopped') return { level: 'off', word: 'Stopped' };
  if (presence === 'gone') return { level: 'bad', word: 'Gone' };
  if (presence === 'silent') return { level: 'bad', word: 'Silent' };
  if (overview.state === 'draining') return { level: 'warn', word: 'Draining' };
  return overview.notReady.length === 0 ? { level: 'good', word: 'Ready' } : { level: 'bad', word: 'Not ready' };
}

export function conditionOf(shown: Shown): Condition {
  if (shown.link.state === 'lost') return lost(shown.link, shown.all.length > 0, shown.now);
  if (shown.nodes.length === 0) return { level: 'off', word: 'Asking the server…', sentence: '' };
  const sentence = facts(shown);
  const [first] = shown.nodes;
  return shown.isWhole || first === undefined ? { ...conditionOfNodes(shown.nodes), sentence } : { ...conditionOfNode(first), sentence };
}

function lost({ reason, since }: Extract<Link, { state: 'lost' }>, wasThere: boolean, now: number): Condition {
  const ago = duration(Math.round((now - since) / 1000));
  const then = wasThere ? ` What is below is from ${clockTime(since)}, ${ago} ago.` : '';
  return { level: 'bad', word: reason === null ? 'The server does not answer' : 'The server refuses', sentence: `${reason ?? 'It is asked again every few seconds.'}${then}` };
}

/** Of all of them; the one that there is, as it is. */
export function conditionOfNodes(nodes: readonly KnownNode[]): { readonly level: Level; readonly word: string } {
  const [only, ...more] = nodes;
  if (only !== undefined && more.length === 0) return conditionOfNode(only);
  const levels = nodes.filter(({ presence }) => presence !== 'stopped').map((node) => conditionOfNode(node).level);
  const ready = levels.filter((level) => level === 'good').length;
  if (levels.length === 0) return { level: 'off', word: 'All nodes have stopped' };
  if (ready === levels.length) return { level: 'good', word: ready === 1 ? 'The node is ready' : `All ${String(ready)} nodes are ready` };
  const word = ready === 0 ? 'No node is ready' : `${String(ready)} of ${counted(levels.length, 'node')} ${ready === 1 ? 'is' : 'are'} ready`;
  return { level: levels.includes('bad') ? 'bad' : 'warn', word };
}

function facts({ nodes, isWhole, service, now }: Shown): string {
  const versions = [...new Set(nodes.map(({ overview }) => overview.version))].sort().join(', ');
  const [first] = nodes;
  if (isWhole || first === undefined) return `${SERVICE_NAMES[service]}, version ${versions}`;
  return `${SERVICE_NAMES[service]} ${first.key}, version ${versions}, up for ${upFor(first, now)}`;
}

/** Up to when it last told of itself. */
export function upFor({ overview, presence, heardAt }: KnownNode, now: number): string {
  const until = presence === 'here' ? now : heardAt;
  return duration(Math.max(0, Math.floor((until - Date.parse(overview.startedAt)) / 1000)));
}
