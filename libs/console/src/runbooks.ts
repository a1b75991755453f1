/** Runbooks that the page links to where something is to be looked at: the build puts them beside it, so that they are there without internet. */
export const RUNBOOKS = [
  'bot', 'certificate-expiring', 'event-loop-lag', 'internal-errors', 'node-down', 'not-ready', 'push-relay-suspect', 'room', 'store-away', 'versions-differ',
] as const;

/** A file of docs/operations/runbooks, without its ending. */
export type Runbook = (typeof RUNBOOKS)[number];

/** As the console serves it. */
export function runbookFile(name: Runbook): string {
  return `runbook-${name}.md`;
}
