/** Reads a stack's configuration: YAML, or an object of Pulumi's configuration. */
import { parse, YAMLError } from 'yaml';
import { InfraError } from '../errors.ts';
import { type Problem, problemsOf } from './rules.ts';
import { type StackConfig, stackSchema } from './schema.ts';

function refuse(problems: readonly Problem[]): never {
  throw new InfraError('CONFIG', ['The configuration of the stack is wrong:', ...problems.map(({ path, problem }) => `  ${path}: ${problem}`)].join('\n'));
}

/** All that is wrong at once. @throws InfraError `CONFIG` */
export function checkStack(value: unknown): StackConfig {
  const result = stackSchema.safeParse(value);
  if (!result.success) return refuse(result.error.issues.map(({ path, message }) => ({ path: path.join('.') || '(whole)', problem: message })));
  const problems = problemsOf(result.data);
  return problems.length > 0 ? refuse(problems) : result.data;
}

/** @throws InfraError `CONFIG` */
export function readStack(text: string): StackConfig {
  try {
    return checkStack(parse(text));
  } catch (error) {
    if (error instanceof YAMLError) return refuse([{ path: '(whole)', problem: error.message }]);
    throw error;
  }
}
