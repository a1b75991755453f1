/** What is wrong with a configuration, and the error that carries all of it at once. */
import { CodedError } from '@polyplex/base';

export interface Problem {
  /** `section.key`, or where in the file. */
  readonly setting: string;
  /** What is wrong and what is allowed instead; one sentence. */
  readonly message: string;
  /** `polyplex.yaml:12`, `POLYPLEX_LISTEN_PORTS`, `--set`; null when it is nowhere in particular. */
  readonly source: string | null;
}

export class ConfigError extends CodedError<'CONFIG'> {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('CONFIG', problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}

function problemText({ setting, message, source }: Problem): string {
  return `${setting}: ${message}${source === null ? '' : ` [${source}]`}`;
}
