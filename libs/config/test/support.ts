/** A small schema with every kind of setting. */
import {
  choice, type ConfigError, configSchema, type ConfigSources, duration, integer, loadConfig, optionalPath, optionalPort, optionalSize, optionalText, path, port, portList, section,
  size, text, textList, toggle,
} from '../src/index.ts';

export const schema = configSchema({
  title: 'Example',
  sections: {
    one: section('First things.', {
      switch: toggle({ default: true, describe: 'A switch.' }),
      count: integer({ default: 5, min: 1, max: 10, unit: 'things', describe: 'A count.' }),
      wait: duration({ default: '1.5s', min: '0', max: '2h', describe: 'A wait.' }),
      room: size({ default: '64MiB', min: '1KiB', max: '1TiB', describe: 'A size.' }),
      kind: choice({ of: ['red', 'green'], default: 'red', describe: 'A kind.' }),
      line: text({ default: 'x', describe: 'A line.' }),
    }),
    secondThing: section('Second things.', {
      note: optionalText({ describe: 'A note.' }),
      folder: path({ default: 'data', describe: 'A folder.' }),
      secretFile: optionalPath({ describe: 'A secret.' }),
      port: port({ default: 0, describe: 'A port.' }),
      otherPort: optionalPort({ describe: 'Another port.' }),
      ports: portList({ default: [1, 2], max: 3, describe: 'Ports.' }),
      most: optionalSize({ min: '1KiB', max: '1TiB', describe: 'A bound.' }),
      names: textList({ default: ['a'], max: 2, matches: (name) => /^[a-z]+$/.test(name), allowed: 'small letters', describe: 'Names.' }),
    }),
    s3: section('Third things.', { bucket: optionalText({ describe: 'A bucket.' }) }),
  },
  rules: ({ one, secondThing }) =>
    one.count === 7 && secondThing.note === null ? [{ setting: 'one.count', message: 'must not be 7 without secondThing.note', source: null }] : [],
});

export function load(sources: ConfigSources) {
  return loadConfig(schema, { folder: '/etc/example', ...sources });
}

export function yaml(content: string): ConfigSources {
  return { file: { path: '/etc/example/polyplex.yaml', text: content } };
}

/** All messages of what must be refused. */
export function problemsOf(sources: ConfigSources): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    return (error as ConfigError).message.split('\n');
  }
  throw new Error('the configuration was accepted');
}
