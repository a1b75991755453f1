/**
 * Who may import whom: the layers of the architecture as constraints on Nx tags (`layer:*`, `runtime:*` in each
 * package.json). A layer that is missing here may import nothing, and there is no wildcard, so a new kind of library
 * begins by adding its row.
 */

/** Wire formats and everything below them. */
const PROTOCOL = ['protocol', 'protocol-common'];

/** What production code of each layer may import besides its own package. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  codec: ['base'],
  crypto: ['base'],
  telemetry: ['base'],
  config: ['base'],
  'protocol-common': ['codec', 'crypto', 'base'],
  protocol: ['protocol-common', 'codec', 'crypto', 'base'],
  transport: ['transport', 'protocol-common', 'crypto', 'telemetry', 'base'],
  'store-contract': ['crypto', 'base'],
  'store-common': ['store-contract', 'codec', 'crypto', 'base'],
  'store-engine': ['store-contract', 'store-common', 'codec', 'crypto', 'telemetry', 'base'],
  'store-transfer': ['store-contract', 'store-common', 'protocol-common', 'codec', 'crypto', 'base'],
  client: [...PROTOCOL, 'transport', 'crypto', 'telemetry', 'base'],
  swarm: ['client', ...PROTOCOL, 'transport', 'crypto', 'telemetry', 'base'],
  'web-client': ['client', ...PROTOCOL, 'crypto', 'base'],
  server: ['server', ...PROTOCOL, 'store-contract', 'client', 'push', 'crypto', 'telemetry', 'base'],
  push: ['transport', 'crypto', 'telemetry', 'base'],
  agent: ['client', ...PROTOCOL, 'store-contract', 'codec', 'crypto', 'telemetry', 'base'],
  chat: ['agent', ...PROTOCOL, 'store-contract', 'crypto', 'telemetry', 'base'],
  directory: ['chat', ...PROTOCOL, 'store-contract', 'crypto', 'telemetry', 'base'],
  'admin-api': ['telemetry', 'base'],
  'web-console': ['admin-api', 'base'],
  nest: ['admin-api', 'config', 'telemetry', 'base'],
  'app-parts': ['nest', 'admin-api', 'config', 'protocol-common', 'transport', 'store-contract', 'store-engine', 'crypto', 'telemetry', 'base'],
  'store-conformance': ['store-contract', 'store-common', 'codec', 'crypto', 'base'],
  testing: ['protocol-common', 'store-contract', 'codec', 'crypto', 'base'],
};

const TEST_LAYERS = ['store-conformance', 'testing'];
const LIBRARY_LAYERS = Object.keys(MAY_IMPORT).filter((layer) => !TEST_LAYERS.includes(layer));

/** Composition roots: every library, never each other; the command line alone starts the other apps. */
const APPS_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = { app: LIBRARY_LAYERS, cli: [...LIBRARY_LAYERS, 'app'] };

/** A constraint as the boundary rule takes it; a project must satisfy those of all its tags. */
interface Constraint {
  readonly sourceTag: string;
  readonly onlyDependOnLibsWithTags?: readonly string[];
  readonly notDependOnLibsWithTags?: readonly string[];
  readonly bannedExternalImports?: readonly string[];
}

function row([layer, allowed]: readonly [string, readonly string[]]): Constraint {
  return { sourceTag: `layer:${layer}`, onlyDependOnLibsWithTags: allowed.map((name) => `layer:${name}`) };
}

/** Nest composes processes; nothing of it is on a protocol path. */
const WITHOUT_NEST = { bannedExternalImports: ['@nestjs/*', 'rxjs', 'rxjs/*'] };

const RUNTIMES: readonly Constraint[] = [
  { sourceTag: 'runtime:pure', notDependOnLibsWithTags: ['runtime:nest', 'runtime:test'], ...WITHOUT_NEST },
  { sourceTag: 'runtime:node', notDependOnLibsWithTags: ['runtime:nest', 'runtime:test'], ...WITHOUT_NEST },
  { sourceTag: 'runtime:nest', notDependOnLibsWithTags: ['runtime:test'] },
  { sourceTag: 'runtime:test', ...WITHOUT_NEST },
];

/** Constraints on production code. */
export const productionConstraints: readonly Constraint[] = [
  ...Object.entries({ ...MAY_IMPORT, ...APPS_MAY_IMPORT }).map(row),
  ...RUNTIMES,
];

/** Constraints on tests: any library, real engines and transports included; apps only from apps. */
export const testConstraints: readonly Constraint[] = [
  ...Object.keys(MAY_IMPORT).map((layer) => row([layer, Object.keys(MAY_IMPORT)])),
  ...Object.keys(APPS_MAY_IMPORT).map((layer) => row([layer, [...Object.keys(MAY_IMPORT), 'app', layer]])),
];
