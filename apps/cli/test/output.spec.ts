/** Output that nobody reads to its end. */
import { expect, it } from 'vitest';
import { EXIT_CODES } from '../src/exit-codes.ts';
import { launch, newFolder } from './support.ts';

it('a reader that has enough ends the command, and is no failure', async () => {
  // It is gone before the program has begun.
  const { child, finished } = launch(newFolder(), ['config', 'reference']);
  child.stdout!.destroy();
  expect(await finished).toEqual({ code: EXIT_CODES.ok, stdout: '', stderr: '' });
});
