/**
 * Workers, one for each job, so that the page answers while keys and bytes are worked on. The next one is loaded in
 * advance: a page that is open goes on working when its server cannot be reached for a while.
 */
import type { FromWorker, Job, Outcome, Progress } from './messages.ts';

/** After this a worker that was told to stop is ended. */
const CANCEL_MS = 5000;

export interface RunningJob {
  readonly outcome: Promise<Outcome>;
  /** What was uploaded is deleted where that is possible at once; the outcome is then a failure. */
  cancel(): void;
}

export interface Jobs {
  start(job: Job, onProgress: (progress: Progress) => void): RunningJob;
}

/** `script`: path of the worker. */
export function createJobs(script: string): Jobs {
  let next = load(script);
  return {
    start: (job, onProgress) => {
      // The one loaded in advance is of no use when the server could not be reached then.
      const { worker } = next.isBroken() ? load(script) : next;
      next = { worker, isBroken: () => true };
      const running = runJob(worker, job, onProgress);
      void running.outcome.then(() => (next = load(script)));
      return running;
    },
  };
}

interface Loaded {
  readonly worker: Worker;
  isBroken(): boolean;
}

function load(script: string): Loaded {
  const worker = new Worker(script, { type: 'module' });
  let broken = false;
  worker.addEventListener('error', () => (broken = true));
  return { worker, isBroken: () => broken };
}

function runJob(worker: Worker, job: Job, onProgress: (progress: Progress) => void): RunningJob {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const end = (outcome: Outcome): void => {
    worker.terminate();
    resolve(outcome);
  };
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === 'progress') onProgress(data);
    else end(data);
  });
  // An error without a message is that of loading the script.
  worker.addEventListener('error', (event: Event) => end({ type: 'failed', failure: { kind: event instanceof ErrorEvent ? 'broken' : 'network' } }));
  worker.addEventListener('messageerror', () => end({ type: 'failed', failure: { kind: 'broken' } }));
  worker.postMessage(job);
  return {
    outcome: promise,
    cancel: () => {
      worker.postMessage({ type: 'cancel' });
      setTimeout(() => end({ type: 'failed', failure: { kind: 'cancelled' } }), CANCEL_MS);
    },
  };
}
