import { configDefaults, defineConfig } from 'vitest/config';

const RELAY = 'libs/server/smp/test';
/** Faults repeated under load: minutes, and a machine that does nothing else. */
const CHAOS = 'apps/e2e/test/chaos/*.long.ts';

/** Repeats, long fuzzing and soaks, and a network on a cluster: everything that would not fit the ten minutes of `npm test`. */
export default defineConfig({
  test: {
    env: { FUZZ_FACTOR: '5' },
    testTimeout: 20 * 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    fileParallelism: false,
    projects: [
      {
        extends: true,
        test: { name: 'long', include: ['{apps,libs,tools,bench}/**/*.long.ts', '{apps,libs}/**/*.fuzz.spec.ts'], exclude: [...configDefaults.exclude, CHAOS] },
      },
      { extends: true, test: { name: 'chaos', include: [CHAOS] } },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: [`${RELAY}/{receiving,queue-states,notifying,every-command}.spec.ts`, `${RELAY}/network/*.spec.ts`],
          globalSetup: [`${RELAY}/support/cluster-setup.ts`],
        },
      },
    ],
  },
});
