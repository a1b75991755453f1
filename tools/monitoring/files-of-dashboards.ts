/** The dashboards by the names of their files, as text. */
import { botDashboard } from './bot.ts';
import type { Dashboard } from './dashboards.ts';
import { filesDashboard } from './files.ts';
import { fleetDashboard } from './fleet.ts';
import { nodeDashboard } from './node.ts';
import { pushDashboard } from './push.ts';
import { redisDashboard } from './redis.ts';

const DASHBOARDS: Readonly<Record<string, () => Dashboard>> = {
  'fleet.json': fleetDashboard,
  'node.json': nodeDashboard,
  'redis.json': redisDashboard,
  'files.json': filesDashboard,
  'push.json': pushDashboard,
  'bot.json': botDashboard,
};

export function dashboardFiles(): Map<string, string> {
  return new Map(Object.entries(DASHBOARDS).map(([name, make]) => [name, `${JSON.stringify(make(), null, 2)}\n`]));
}
