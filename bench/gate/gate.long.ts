/** The gate against regressions, as everybody can run it: npm run bench -- gate. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('a delivered message costs no more than was committed', () => {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'gate'], { encoding: 'utf8' });
  console.log(stdout);
  expect(status, `${stdout}${stderr}`).toBe(0);
});
