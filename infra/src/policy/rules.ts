/**
 * What no stack may be, checked in tests, before manifests are written and before Pulumi makes anything. Each rule looks at one object
 * of Kubernetes or one resource of a cloud, whatever component made it.
 */
import { InfraError } from '../errors.ts';
import { machineRules } from './machines.ts';
import { podRules } from './pods.ts';
import { secretRules } from './secrets.ts';

/** One object as the rules see it: its kind (`Deployment`, or the type of a cloud's resource) and all that was said of it. */
export interface Subject {
  readonly name: string;
  readonly kind: string;
  readonly body: unknown;
}

export interface Violation {
  readonly rule: string;
  readonly where: string;
  readonly problem: string;
}

/** Problems in plain words; none where the rule has nothing to say. */
export type Rule = (subject: Subject) => readonly string[];

const RULES: Readonly<Record<string, Rule>> = { ...podRules, ...secretRules, ...machineRules };

/** Names of all rules. */
export const ruleNames: readonly string[] = Object.keys(RULES);

export function violationsOf(subject: Subject): readonly Violation[] {
  return Object.entries(RULES).flatMap(([rule, find]) => find(subject).map((problem) => ({ rule, where: `${subject.kind} ${subject.name}`, problem })));
}

/** @throws InfraError `POLICY` */
export function refuseViolations(violations: readonly Violation[]): void {
  if (violations.length === 0) return;
  throw new InfraError('POLICY', ['Refused by policy:', ...violations.map(({ rule, where, problem }) => `  ${where}: ${problem} (${rule})`)].join('\n'));
}
