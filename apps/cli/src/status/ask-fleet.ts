/** Asks admin ports after the fleet. Nodes of other releases are read with patience, as nodes read each other. */
import { type Overview, readOverview } from '@polyplex/admin-api';

const TIMEOUT_MS = 5000;

export interface StatusTarget {
  /** What is asked, in words. */
  readonly noun: string;
  /** Without a slash at its end. */
  readonly url: string;
  /** Null where none is needed. */
  readonly token: string | null;
}

/** What was learned of the fleet. */
export interface FleetView {
  readonly at: Date;
  readonly nodes: readonly Overview[];
  /** What could not be learned, in words; empty for the whole fleet. */
  readonly problems: readonly string[];
  /** Whether any port answered. */
  readonly answered: boolean;
}

interface Part {
  readonly nodes: readonly Overview[];
  readonly problems: readonly string[];
}

/** Never rejects: what is wrong is part of the answer. */
export async function askFleet(targets: readonly StatusTarget[]): Promise<FleetView> {
  const parts = await Promise.all(targets.map((target) => ask(target)));
  const nodes = new Map(parts.flatMap((part) => part.nodes).map((node) => [`${node.service} ${node.node} ${node.startedAt}`, node]));
  return { at: new Date(), nodes: [...nodes.values()], problems: parts.flatMap((part) => part.problems), answered: nodes.size > 0 };
}

function failed(problem: string): Part {
  return { nodes: [], problems: [problem] };
}

async function ask({ noun, url, token }: StatusTarget): Promise<Part> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  // Where a redirect leads to, the token must not go.
  const response = await fetch(`${url}/admin/fleet`, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null);
  if (response === null) return failed(`the ${noun}'s admin port does not answer at ${url}: is the ${noun} running?`);
  if (response.status === 401 || response.status === 403) return failed(`the ${noun}'s admin port at ${url} wants a token, or another one: see --token-file`);
  const body: unknown = await response.json().catch(() => null);
  const nodes = response.ok ? nodesIn(body) : null;
  if (nodes === null || nodes.length === 0) return failed(`what answers at ${url} is not the ${noun}'s admin port (HTTP status ${response.status})`);
  return { nodes, problems: isWhole(body) ? [] : ['the other nodes could not be asked: the store does not answer'] };
}

function nodesIn(body: unknown): Overview[] | null {
  if (typeof body !== 'object' || body === null || !('nodes' in body) || !Array.isArray(body.nodes)) return null;
  return body.nodes.map((node) => readOverview(node)).filter((node) => node !== null);
}

function isWhole(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'complete' in body && body.complete === true;
}
