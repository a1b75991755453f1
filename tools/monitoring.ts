/**
 * Writes the dashboards of `deploy/grafana` from `tools/monitoring`: `node tools/monitoring.ts`. A test compares them, so run
 * it after a change.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dashboardFiles } from './monitoring/files-of-dashboards.ts';
import { workspaceRoot } from './workspaces.ts';

for (const [name, text] of dashboardFiles()) await writeFile(join(workspaceRoot, 'deploy/grafana', name), text);
