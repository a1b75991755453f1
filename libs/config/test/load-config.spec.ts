/** What operators give, and what they get or are told. */
import { describe, expect, it } from 'vitest';
import { load, problemsOf, schema, yaml } from './support.ts';
import { loadConfig } from '../src/index.ts';

describe('sources', () => {
  it('are not needed: every setting has a default', () => {
    expect(load({}).values.one).toEqual({ switch: true, count: 5, wait: 1500, room: 64 * 1024 ** 2, kind: 'red', line: 'x' });
    expect(load({}).values.secondThing).toMatchObject({ note: null, port: 0, otherPort: null, ports: [1, 2], names: ['a'] });
  });

  it('override one another, setting by setting: file, environment, flags', () => {
    const { values, origins } = load({
      ...yaml('one:\n  count: 2\n  kind: green\n  line: file\n'),
      environment: { POLYPLEX_ONE_COUNT: '3', POLYPLEX_ONE_LINE: 'environment', POLYPLEX_SECOND_THING_OTHER_PORT: '80', PATH: '/bin' },
      flags: ['one.line=flag=1', 'one.switch=off'],
    });
    expect(values.one).toMatchObject({ count: 3, kind: 'green', line: 'flag=1', switch: false });
    expect(values.secondThing.otherPort).toBe(80);
    expect(origins.get('one.kind')).toBe('/etc/example/polyplex.yaml:3');
    expect(origins.get('one.count')).toBe('POLYPLEX_ONE_COUNT');
    expect(origins.get('one.line')).toBe('--set one.line');
    expect(origins.has('one.wait')).toBe(false);
  });

  it('count relative paths from the configuration folder in the file, from the working directory elsewhere', () => {
    expect(load({}).values.secondThing.folder).toBe('/etc/example/data');
    expect(load(yaml('secondThing: { folder: ../d, secretFile: /run/s }')).values.secondThing).toMatchObject({ folder: '/etc/d', secretFile: '/run/s' });
    expect(load({ flags: ['secondThing.folder=d'] }).values.secondThing.folder).toBe(`${process.cwd()}/d`);
    const { folder: _, ...withoutFolder } = { folder: '', ...yaml('one: {}') };
    expect(loadConfig(schema, withoutFolder).values.secondThing.folder).toBe('/etc/example/data');
  });

  it('may be empty', () => {
    for (const content of ['', '# nothing\n', 'one:\n', '---\n']) expect(load(yaml(content)).values.one.count).toBe(5);
    expect(load({ environment: { POLYPLEX_SECOND_THING_OTHER_PORT: '', POLYPLEX_SECOND_THING_NOTE: '' } }).values.secondThing).toMatchObject({
      otherPort: null, note: null,
    });
  });

  it('give what is frozen, to the bottom', () => {
    const { values } = load({});
    expect(() => Object.assign(values.one, { count: 1 })).toThrow(TypeError);
    expect(() => (values.secondThing.ports as number[]).push(9)).toThrow(TypeError);
  });
});

describe('values', () => {
  it.each([
    ['one.switch', ['on', 'true', 'yes'], true],
    ['one.wait', ['90s', '1.5m', '90000ms'], 90_000],
    ['one.wait', ['0', '0s'], 0],
    ['one.room', ['1.5KiB', '1536B'], 1536],
    ['secondThing.most', ['1.5KiB', '1536B'], 1536],
    ['secondThing.most', ['', 'none', 'off'], null],
    ['s3.bucket', ['files'], 'files'],
    ['secondThing.ports', ['7,8', ' 7 , 8 ,'], [7, 8]],
    ['secondThing.names', ['b,c'], ['b', 'c']],
  ] as const)('%s reads %j', (name, texts, value) => {
    const [section, key] = name.split('.') as ['one', 'wait'];
    for (const given of texts) expect(load({ flags: [`${name}=${given}`] }).values[section][key]).toEqual(value);
  });

  it('are typed in YAML', () => {
    const { values } = load(yaml('one: { switch: no, wait: 0, count: 3 }\nsecondThing: { ports: [5, "6"], names: [x], otherPort: ~ }'));
    expect(values.one).toMatchObject({ switch: false, wait: 0, count: 3 });
    expect(values.secondThing).toMatchObject({ ports: [5, 6], names: ['x'], otherPort: null });
    expect(load(yaml('secondThing: { ports: 5 }')).values.secondThing.ports).toEqual([5]);
  });
});

describe('mistakes', () => {
  const refused: readonly (readonly [string, Parameters<typeof load>[0], RegExp])[] = [
    ['a count out of bounds', yaml('one:\n  count: 11\n'), /^one\.count: 11 is not a whole number from 1 to 10 \(things\) \[.*polyplex\.yaml:2\]$/],
    ['a count with a fraction', { flags: ['one.count=1.5'] }, /^one\.count: "1\.5" is not a whole number/],
    ['a switch that is neither', { environment: { POLYPLEX_ONE_SWITCH: 'maybe' } }, /^one\.switch: "maybe" is not `true` or `false` \[POLYPLEX_ONE_SWITCH\]$/],
    ['an inherited name as a switch', { flags: ['one.switch=constructor'] }, /^one\.switch: "constructor" is not/],
    ['a duration without unit', yaml('one: { wait: 15 }'), /^one\.wait: 15 is not a duration such as `15s` .* from 0 to 2h/],
    ['a duration too long', { flags: ['one.wait=3h'] }, /"3h" is not a duration/],
    ['a size in another unit', { flags: ['one.room=64MB'] }, /"64MB" is not a size such as/],
    ['another kind', yaml('one: { kind: blue }'), /"blue" is not `red` or `green`/],
    ['two lines', yaml('one: { line: "a\\nb" }'), /is not a line of text/],
    ['a port too high', { flags: ['secondThing.port=65536'] }, /"65536" is not a port/],
    ['too many ports', { flags: ['secondThing.ports=1,2,3,4'] }, /is not a list of at most 3 ports/],
    ['a name that does not fit', yaml('secondThing: { names: [A] }'), /\["A"\] is not a list of at most 2: small letters/],
    ['null for what must be something', yaml('one: { count: ~ }'), /^one\.count: null is not/],
    ['an unknown key', yaml('one:\n  coutn: 3\n'), /^one\.coutn: there is no such setting; did you mean one\.count\? \[.*:2\]$/],
    ['a key of another section', yaml('one: { names: [x] }'), /did you mean secondThing\.names\?/],
    ['an unknown section', yaml('ones: { count: 3 }'), /^ones\.count: there is no such setting; did you mean one\.count\?/],
    ['an unknown variable', { environment: { POLYPLEX_ONE_CUONT: '1' } }, /^POLYPLEX_ONE_CUONT: there is no such setting; did you mean POLYPLEX_ONE_COUNT\?/],
    ['a flag without value', { flags: ['one.count'] }, /^--set: must look like section\.key=value/],
    ['a setting outside of sections', yaml('count: 3'), /^count: must be a section with settings in it/],
    ['a list at the top', yaml('- one\n'), /^file: must be sections of settings/],
    ['text that is no YAML', yaml('one: [1\n'), /^file: .*polyplex\.yaml:\d/],
    ['the same key twice', yaml('one:\n  count: 1\n  count: 2\n'), /^file: Map keys must be unique/],
    ['a broken rule', yaml('one:\n  count: 7\n'), /^one\.count: must not be 7 without secondThing\.note \[.*polyplex\.yaml:2\]$/],
  ];
  it.each(refused)('%s', (_name, sources, message) => {
    const problems = problemsOf(sources);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it('are reported all at once', () => {
    const problems = problemsOf({ ...yaml('one: { count: 0, kind: blue, nonsense: 1 }'), environment: { POLYPLEX_X: '1' }, flags: ['secondThing.port=x'] });
    expect(problems).toHaveLength(5);
  });

  it('do not repeat the value of what is no setting: it may be a secret', () => {
    expect(problemsOf(yaml('secondThing: { secret: hunter2 }')).join()).not.toContain('hunter2');
  });

  it('are shown short', () => {
    expect(problemsOf({ flags: [`one.count=${'9'.repeat(10_000)}`] })[0]!.length).toBeLessThan(300);
  });

  it('are not seen in what container platforms set by themselves, whatever settings it is named like', () => {
    const service = (name: string): Record<string, string> => ({
      [`${name}_SERVICE_HOST`]: '10.0.0.1',
      [`${name}_SERVICE_PORT`]: '5223',
      [`${name}_SERVICE_PORT_SMP`]: '5223',
      [`${name}_PORT`]: 'tcp://10.0.0.1:5223',
      [`${name}_PORT_5223_TCP`]: 'tcp://10.0.0.1:5223',
      [`${name}_PORT_5223_TCP_PROTO`]: 'tcp',
      [`${name}_PORT_5223_TCP_PORT`]: '5223',
      [`${name}_PORT_5223_TCP_ADDR`]: '10.0.0.1',
    });
    const environment = { ...service('POLYPLEX'), ...service('POLYPLEX_SECOND_THING'), POLYPLEX_CONFIG_DIR: '/etc/polyplex' };
    expect(load({ environment }).origins.size).toBe(0);
  });

  it('are seen in variables that only look like those', () => {
    const problems = problemsOf({ environment: { POLYPLEX_SECOND_THING_PORTS_PORT: '443', POLYPLEX_ONE_LINES: 'tcp://x', POLYPLEX_SECOND_THING_OTHER_PORT: 'http://x' } });
    expect(problems).toHaveLength(3);
    expect(load({ environment: { POLYPLEX_SECOND_THING_PORT: '443', POLYPLEX_ONE_LINE: 'tcp://x' } }).values).toMatchObject({
      one: { line: 'tcp://x' }, secondThing: { port: 443 },
    });
  });
});
