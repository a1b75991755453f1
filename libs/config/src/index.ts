export type { ConfigFile } from './config-file.ts';
export { configReference } from './config-reference.ts';
export { type ConfigOf, type ConfigSchema, configSchema, section, type ValuesOf } from './config-schema.ts';
export { type Environment, processEnvironment } from './environment.ts';
export { type ConfigSources, loadConfig, type LoadedConfig } from './load-config.ts';
export { printConfig } from './print-config.ts';
export { ConfigError, type Problem } from './problem.ts';
export { readSecret } from './read-secret.ts';
export {
  choice, duration, integer, optionalDuration, optionalPath, optionalPort, optionalSize, optionalText, path, port, portList, size, text, textList, toggle,
} from './setting.ts';
export { formatDuration, formatSize, readDuration, readSize } from './units.ts';
