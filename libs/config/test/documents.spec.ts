/** What is made of a schema for people: the printed configuration and the reference; and the files that hold secrets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, configReference, printConfig, readSecret } from '../src/index.ts';
import { load, schema, yaml } from './support.ts';

describe('the printed configuration', () => {
  it('is a configuration file that gives the same values', () => {
    const loaded = load({ ...yaml('one: { count: 3 }'), flags: ['one.wait=90s', 'secondThing.note=a: "b" # c', 'secondThing.ports=9'] });
    expect(load(yaml(printConfig(loaded))).values).toEqual(loaded.values);
  });

  it('says where each value came from', () => {
    const printed = printConfig(load({ environment: { POLYPLEX_ONE_COUNT: '3' } }));
    expect(printed).toMatch(/^ {2}count: 3 {2}# POLYPLEX_ONE_COUNT$/m);
    expect(printed).toMatch(/^ {2}wait: 1\.5s {2}# default$/m);
  });
});

it('the reference names every setting with its variable, bounds and default', () => {
  const reference = configReference(schema);
  expect(reference).toContain('## secondThing\n\nSecond things.');
  expect(reference).toContain('| `count`<br>`POLYPLEX_ONE_COUNT` | A count. | a whole number from 1 to 10 (things) | `5` |');
  expect(reference).toContain('`POLYPLEX_SECOND_THING_OTHER_PORT`');
});

describe('secret files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'polyplex-secret-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (content: string): string => {
    const path = join(folder, 'secret');
    writeFileSync(path, content);
    return path;
  };

  it('hold it in their first line', () => {
    expect(readSecret('x.y', file(' s3cret \r\nsecond line\n'))).toBe('s3cret');
  });

  it.each([['empty', '\nnot here'], ['too long', 'x'.repeat(5000)]])('that are %s are refused without a word of their content', (_name, content) => {
    const path = file(content);
    expect(() => readSecret('x.y', path)).toThrow(ConfigError);
    expect(() => readSecret('x.y', path)).not.toThrow(/not here|xxx/);
  });

  it('that are missing are named with their setting', () => {
    expect(() => readSecret('x.y', join(folder, 'none'))).toThrow(/^x\.y: the file .*none cannot be read \(ENOENT\)$/);
  });
});
