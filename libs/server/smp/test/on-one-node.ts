/** Specs of this folder that run against one machine only, and why; all others run against a network of nodes as well. */
export const ON_ONE_NODE: Readonly<Record<string, string>> = {
  'counting.spec.ts': 'what one node sees: on several, each counts its own part',
  'counting-notifying.spec.ts': 'the same',
  'counting-over-time.spec.ts': 'the same',
  'counting-refusals.spec.ts': 'the same',
  'counting-routing.spec.ts': 'the same',
  'equal-time.spec.ts': 'compares times within one node; a balancer and Redis on the way would only add noise',
  'hostile.fuzz.spec.ts': 'parsers, sockets and heap of one process',
  'wakes.spec.ts': 'tells a node events in place of its store, by ids of its connections',
};
