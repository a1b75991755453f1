import { defineConfig } from 'vitest/config';

/** Repeats, long fuzzing and soaks: everything that would not fit the ten minutes of `npm test`. */
export default defineConfig({
  test: {
    include: ['{apps,libs,tools}/**/*.long.ts', '{apps,libs}/**/*.fuzz.spec.ts'],
    env: { FUZZ_FACTOR: '5' },
    testTimeout: 20 * 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
