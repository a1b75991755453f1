/** What can befall two agents, alone and together. */

export interface Troubles {
  /** How often a command or its answer is lost. */
  readonly loss: number;
  /** How often a command that counts as lost comes all the same, when its sender has gone on. */
  readonly late: number;
  /** How often a relay's store fails a step, and how often it fails only after it: `ERR STORE` is the answer. */
  readonly failures: number;
  /** How often a message is told twice. */
  readonly twice: number;
  /** How often, a step, a connection breaks, a relay is restarted, and a process dies. */
  readonly breaks: number;
  readonly restarts: number;
  readonly deaths: number;
  /** How often a process dies at a commit: before it, or after it and before anything else. */
  readonly crashes: number;
  /** How often, a step, somebody moves a queue, begins the ratchets anew, or adds a queue. */
  readonly moves: number;
  readonly renewals: number;
  readonly additions: number;
  /** Messages that a queue takes before it is full. */
  readonly capacity: number;
  /** When all that was said so far is heard, and there are two queues each way, a relay is gone for good. */
  readonly losesRelay: boolean;
}

export const NONE: Troubles = {
  loss: 0, late: 0, failures: 0, twice: 0, breaks: 0, restarts: 0, deaths: 0, crashes: 0, moves: 0, renewals: 0, additions: 0, capacity: Infinity, losesRelay: false,
};

const EVERYTHING: Troubles = { ...NONE, loss: 0.1, late: 0.02, twice: 0.05, breaks: 0.03, restarts: 0.01, deaths: 0.02, crashes: 0.01 };

export const TROUBLES: readonly (readonly [name: string, troubles: Troubles])[] = [
  ['in peace', NONE],
  ['with losses', { ...NONE, loss: 0.2 }],
  ['with commands that come late', { ...NONE, loss: 0.1, late: 0.1, twice: 0.1 }],
  ['with stores that fail', { ...NONE, failures: 0.1, deaths: 0.02 }],
  ['with broken connections', { ...NONE, breaks: 0.05, restarts: 0.02 }],
  ['with deaths', { ...NONE, deaths: 0.03 }],
  ['with deaths at commits', { ...NONE, crashes: 0.05 }],
  ['with everything', EVERYTHING],
  ['with full queues, and everything', { ...EVERYTHING, capacity: 2 }],
  ['with queues that move', { ...NONE, moves: 0.05 }],
  ['with queues that move, and everything', { ...EVERYTHING, moves: 0.05 }],
  ['with keys that are renewed', { ...NONE, renewals: 0.03 }],
  ['with keys that are renewed, and everything', { ...EVERYTHING, renewals: 0.03 }],
  ['with queues that are added', { ...NONE, additions: 0.05 }],
  ['with queues that are added, and everything', { ...EVERYTHING, additions: 0.05, moves: 0.02, renewals: 0.02 }],
  ['with a relay that is gone for good', { ...NONE, losesRelay: true }],
  ['with a relay that is gone for good, and everything', { ...EVERYTHING, losesRelay: true }],
  ['with all of it', { ...EVERYTHING, moves: 0.03, renewals: 0.03 }],
];
