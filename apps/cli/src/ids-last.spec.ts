import { expect, it } from 'vitest';
import { idsLast } from './ids-last.ts';

const ID = '-4u-KW1_8n3bXq9Zc0dQeRtYuIoPaSdF';

it('an id that begins like an option is none, wherever it stands', () => {
  expect(idsLast(['queue', 'block', ID, '--reason', 'spam'])).toEqual(['queue', 'block', '--reason', 'spam', '--', ID]);
  const fileId = `${ID.slice(0, 22)}==`;
  expect(idsLast(['xftp', 'status', fileId, '--config-dir', 'x'])).toEqual(['xftp', 'status', '--config-dir', 'x', '--', fileId]);
  expect(idsLast(['queue', 'status', `-${ID.slice(0, 31)}`])).toEqual(['queue', 'status', '--', `-${ID.slice(0, 31)}`]);
});

it('everything else stays as it is', () => {
  for (const args of [['queue', 'status', '--config-dir', 'x', 'A'.repeat(32)], ['check', ID], ['queue', 'status', '--', ID], []]) {
    expect(idsLast(args)).toEqual(args);
  }
});
