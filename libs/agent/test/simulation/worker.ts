/** Lives groups that the process of `run.ts` gives out, until it disconnects, with quick cryptography, and where one is given, with a mistake in the sources. */
import { mutate } from './with-fake-crypto.ts';
import type { Mutant } from './mutants.ts';

Error.stackTraceLimit = 0;
const { kind, mutant } = JSON.parse(process.argv[2]!) as { readonly kind: string; readonly mutant: Mutant | null };
if (mutant !== null) mutate(mutant);
const { liveGroup } = await import('./group.ts');

process.on('message', (group: number) => {
  void liveGroup(group, { kind, stopsAtFault: mutant !== null }).then((result) => process.send!(result));
});
