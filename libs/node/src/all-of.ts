/** Steps that do not need each other, each taken although another failed: an operator hears of everything at once. */
import { ConfigError } from '@polyplex/config';
import { NodeError } from './node-error.ts';

type Tasks<T> = { readonly [K in keyof T]: () => T[K] };

/** The results by name. Throws the one `NodeError` or `ConfigError`, or one that says what all of them say. */
export function allOf<T extends object>(tasks: Tasks<T>): T {
  const results: Partial<T> = {};
  const failures: (NodeError | ConfigError)[] = [];
  for (const name of Object.keys(tasks) as (keyof T)[]) {
    try {
      results[name] = tasks[name]();
    } catch (error) {
      if (!(error instanceof NodeError || error instanceof ConfigError)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw asOne(failures);
  return results as T;
}

function asOne(failures: readonly (NodeError | ConfigError)[]): Error {
  const [first] = failures;
  if (failures.length === 1 && first !== undefined) return first;
  const ofNode = failures.find((error) => error instanceof NodeError);
  if (ofNode === undefined) return new ConfigError(failures.flatMap((error) => (error as ConfigError).problems));
  return new NodeError(ofNode.code, failures.map(({ message }) => message).join('\n'), { cause: new AggregateError(failures) });
}
