/** Settings of the whole process, whichever servers it runs. */
import { choice, duration, section } from '@polyplex/config';
import { LOG_LEVELS, type LogLevel } from '@polyplex/telemetry';

export const log = section('What goes to the standard error stream. Never addresses of clients, ids or content.', {
  level: choice({ of: LOG_LEVELS as unknown as readonly [LogLevel, ...LogLevel[]], default: 'info', describe: 'The least important lines that are written.' }),
  format: choice({ of: ['text', 'json'], default: 'text', describe: 'Lines for people, or one JSON object a line.' }),
});

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
}

export const shutdown = section('How the servers stop.', {
  drainTimeout: duration({ default: '5s', min: '0', max: '10m', describe: 'Time over which closing the connections is spread, so that clients do not return all at once.' }),
  leaveTime: duration({ default: '0', min: '0', max: '5m', describe: 'How long a server that stops still takes connections, before that, while `/readyz` says no already: for balancers that do not try another node when one refuses. Three of their checks and a little more.' }),
});
