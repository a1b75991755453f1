/** Lives groups that the main thread gives out, with quick cryptography, and where one is given, with a mistake in the sources. */
import { parentPort, workerData } from 'node:worker_threads';
import { mutate } from './with-fake-crypto.ts';
import type { Mutant } from './mutants.ts';

Error.stackTraceLimit = 0;
const { kind, mutant } = workerData as { readonly kind: string; readonly mutant: Mutant | null };
if (mutant !== null) mutate(mutant);
const { liveGroup } = await import('./group.ts');

parentPort!.on('message', (group: number) => {
  void liveGroup(group, { kind, stopsAtFault: mutant !== null }).then((result) => parentPort!.postMessage(result));
});
