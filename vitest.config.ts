import { configDefaults, defineConfig } from 'vitest/config';
import { ON_ONE_NODE } from './libs/server/smp/test/on-one-node.ts';
import { ON_DISK } from './libs/server/xftp/test/on-disk.ts';

const RELAY = 'libs/server/smp/test';
const WHOLE = 'apps/e2e/test';
const FILE_SERVER = 'libs/server/xftp/test';

/** Two files at a time, also where there are two cores: most of them wait for processes that they started. */
const SIDE_BY_SIDE = { maxWorkers: 2, sequence: { groupOrder: 0 } };
/** Whole networks, which load tests and failures want for themselves. */
const ALONE = { maxWorkers: 1, sequence: { groupOrder: 1 } };

export default defineConfig({
  test: {
    // For what hangs, and no bound on speed: some tests start ten processes, which takes a busy machine half a minute.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Instead of a second, which a busy machine may need for anything: what never comes fails all the same.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: { ...SIDE_BY_SIDE, name: 'all', include: ['{apps,libs,tools,bench}/**/*.spec.ts'], exclude: [...configDefaults.exclude, `${RELAY}/network/**`, `${WHOLE}/**`] },
      },
      { extends: true, test: { ...SIDE_BY_SIDE, name: 'infra', include: ['infra/test/**/*.spec.ts'] } },
      {
        extends: true,
        test: {
          ...ALONE,
          name: 'e2e',
          include: [`${WHOLE}/**/*.spec.ts`],
          globalSetup: [`${WHOLE}/privacy/collect.ts`],
          setupFiles: [`${WHOLE}/privacy/record-clients.ts`],
        },
      },
      {
        extends: true,
        test: {
          ...SIDE_BY_SIDE,
          name: 'network',
          include: [`${RELAY}/**/*.spec.ts`],
          exclude: [...configDefaults.exclude, ...Object.keys(ON_ONE_NODE).map((spec) => `${RELAY}/${spec}`)],
          globalSetup: [`${RELAY}/support/redis-setup.ts`],
        },
      },
      {
        extends: true,
        test: {
          ...SIDE_BY_SIDE,
          name: 'file-network',
          include: [`${FILE_SERVER}/*.spec.ts`],
          exclude: [...configDefaults.exclude, ...Object.keys(ON_DISK).map((spec) => `${FILE_SERVER}/${spec}`)],
          globalSetup: [`${FILE_SERVER}/support/network-setup.ts`],
        },
      },
    ],
  },
});
