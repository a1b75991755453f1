/** The worker: does the job of its first message, tells how far it is, and how it ended. */
import { parseAddress } from '@polyplex/protocol-common';
import { deleteWebFile, failureOf, receiveWebFile, sendWebFile, type WebTransferOptions } from '@polyplex/web-files';
import type { Cancel, FromWorker, Job, Outcome } from './messages.ts';

/** The part of the worker's scope that is used; the types of a page know no other. */
const scope = globalThis as unknown as {
  readonly location: Location;
  postMessage(message: FromWorker): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<Job | Cancel>) => void): void;
};

const stop = new AbortController();

/** More often nobody sees it. */
const PROGRESS_MS = 50;

function options(server: string): WebTransferOptions {
  const own = parseAddress(server);
  let toldAt = 0;
  return {
    signal: stop.signal,
    // The page's own server is reached where the page came from, whatever it is called elsewhere.
    ...(own === null ? {} : { origins: [{ keyHash: own.keyHash, origin: scope.location.origin }] }),
    onProgress: (done, total) => {
      const now = performance.now();
      if (done < total && now - toldAt < PROGRESS_MS) return;
      toldAt = now;
      scope.postMessage({ type: 'progress', done, total });
    },
  };
}

async function work(job: Job): Promise<Outcome> {
  switch (job.type) {
    case 'send': {
      const sent = await sendWebFile({ ...options(job.server), file: job.file, name: job.file.name, server: job.server, password: job.password });
      return { type: 'sent', ...sent };
    }
    case 'receive':
      return { type: 'received', ...(await receiveWebFile({ ...options(job.server), fragment: job.fragment })) };
    case 'remove':
      await deleteWebFile({ ...options(job.server), description: job.description });
      return { type: 'removed' };
  }
}

scope.addEventListener('message', ({ data }) => {
  if (data.type === 'cancel') return stop.abort();
  work(data).then(
    (outcome) => scope.postMessage(outcome),
    (error: unknown) => scope.postMessage({ type: 'failed', failure: failureOf(error, stop.signal) }),
  );
});
