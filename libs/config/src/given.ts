/** One value that an operator gave, before anything is known about it. Later sources win: file, environment, flags. */
export interface Given {
  readonly section: string;
  readonly key: string;
  readonly value: unknown;
  /** For messages: `polyplex.yaml:3`, a variable, a flag. */
  readonly source: string;
  /** What relative paths count from: the configuration file's folder or the working directory. */
  readonly base: 'file' | 'cwd';
}
