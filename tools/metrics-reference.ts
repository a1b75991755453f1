/** Writes the page of all metrics, from what servers say. Needs redis-server. */
import { writeFileSync } from 'node:fs';
import { METRICS_FILE, metricsPage } from './metrics-reference/page.ts';
import { readExpositions } from './metrics-reference/servers.ts';

writeFileSync(new URL(`../${METRICS_FILE}`, import.meta.url), metricsPage(await readExpositions()));
