/** What the images of the compose file bring with them, here from the programs of this machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '../workspaces.ts';

export interface Image {
  readonly user: number;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly health: readonly string[] | null;
  /** What lies where in it, beside the system. */
  readonly files: readonly (readonly [source: string, target: string])[];
  readonly links: readonly (readonly [target: string, place: string])[];
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Users are those of the images. Two open files a connection may be more than this machine allows, so HAProxy gets fewer. */
const OTHERS: readonly (readonly [prefix: string, user: number, command: readonly string[]])[] = [
  ['redis:', 999, ['redis-server']],
  ['valkey/valkey:', 999, ['valkey-server']],
  ['haproxy:', 99, ['haproxy', '-W', '-db', '-n', '4000', '-f', '/usr/local/etc/haproxy/haproxy.cfg']],
];

/** Throws for an image that nothing here stands for. */
export function imageOf(name: string): Image {
  if (name === 'polyplex') return polyplexImage();
  const found = OTHERS.find(([prefix]) => name.startsWith(prefix));
  if (found === undefined) throw new Error(`nothing on this machine stands for the image ${name}`);
  const [, user, command] = found;
  return { user, entrypoint: [], command, environment: { PATH }, health: null, files: [], links: [] };
}

/** As the Dockerfile says; its steps are tried by tools/container. */
function polyplexImage(): Image {
  const dockerfile = readFileSync(join(workspaceRoot, 'deploy/container/Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
  const list = (pattern: RegExp): string[] => JSON.parse(pattern.exec(dockerfile)![1]!) as string[];
  const variables = [.../^ENV (.*)$/gm.exec(dockerfile.slice(dockerfile.lastIndexOf('\nFROM')))![1]!.matchAll(/(\w+)=(\S+)/g)];
  return {
    user: Number(/^USER (\d+)/m.exec(dockerfile)![1]),
    entrypoint: list(/^ENTRYPOINT (\[.*\])$/m),
    command: list(/^CMD (\[.*\])$/m),
    environment: { PATH, ...Object.fromEntries(variables.map(([, key, value]) => [key!, value!])) },
    health: list(/^HEALTHCHECK .*CMD (\[.*\])$/m),
    files: [
      [join(workspaceRoot, 'dist'), '/opt/polyplex/dist'],
      [join(workspaceRoot, 'node_modules'), '/opt/polyplex/node_modules'],
      [join(workspaceRoot, 'package.json'), '/opt/polyplex/package.json'],
      [join(workspaceRoot, 'deploy/container/health.mjs'), '/opt/polyplex/health.mjs'],
      [process.execPath, '/usr/local/bin/node'],
    ],
    links: [['/opt/polyplex/dist/polyplex.mjs', '/usr/local/bin/polyplex']],
  };
}
