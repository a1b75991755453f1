/** A worker for tests, from the sources. */
import { runWorker } from '../src/index.ts';

await runWorker(process);
