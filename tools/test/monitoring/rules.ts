/** The files of `deploy/prometheus`, as far as tests read them. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { workspaceRoot } from '../../workspaces.ts';

export const PROMETHEUS_FOLDER = join(workspaceRoot, 'deploy/prometheus');
export const RULES_FILE = join(PROMETHEUS_FOLDER, 'rules.yaml');

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface AlertTest {
  readonly alertname: string;
  readonly exp_alerts: readonly object[];
}

const FOLDER_OF_TESTS = join(PROMETHEUS_FOLDER, 'tests');

function rules(): readonly (RecordingRule | AlertRule)[] {
  const { groups } = parse(readFileSync(RULES_FILE, 'utf8')) as { readonly groups: readonly { readonly rules: readonly (RecordingRule | AlertRule)[] }[] };
  return groups.flatMap((group) => group.rules);
}

export function recordings(): readonly RecordingRule[] {
  return rules().filter((rule): rule is RecordingRule => 'record' in rule);
}

export function alerts(): readonly AlertRule[] {
  return rules().filter((rule): rule is AlertRule => 'alert' in rule);
}

/** Absolute paths of the tests that promtool runs. */
export function testFiles(): readonly string[] {
  return readdirSync(FOLDER_OF_TESTS).map((name) => join(FOLDER_OF_TESTS, name));
}

export function alertTests(): readonly AlertTest[] {
  return testFiles().flatMap((file) => {
    const { tests } = parse(readFileSync(file, 'utf8')) as { readonly tests: readonly { readonly alert_rule_test?: readonly AlertTest[] }[] };
    return tests.flatMap(({ alert_rule_test: found = [] }) => found);
  });
}
