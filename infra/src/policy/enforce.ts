/** The rules, asked of every resource before Pulumi registers it: one that breaks a rule ends a preview and a deployment. */
import * as pulumi from '@pulumi/pulumi';
import { refuseViolations, type Subject, violationsOf } from './rules.ts';

/** `kubernetes:apps/v1:Deployment` is a Deployment, `aws:ec2/instance:Instance` an `aws:Instance`. */
export function kindOf(type: string): string {
  const [provider = '', module = '', name = ''] = type.split(':');
  if (provider === 'kubernetes') return name;
  return provider === 'command' ? `${provider}:${module}:${name}` : `${provider}:${name}`;
}

/** What can be known of its inputs before it is made: all that is no output. Outputs hold secrets, and what clouds decide. */
function known(value: unknown): unknown {
  if (pulumi.Output.isInstance(value)) return undefined;
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== 'object' || value === null || pulumi.Resource.isInstance(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, known(inner)]));
}

function subjectOf({ type, name, props }: pulumi.ResourceTransformationArgs): Subject {
  const kind = kindOf(type);
  return { kind, name: type.startsWith('kubernetes:') ? name.slice(kind.length + 1) : name, body: known(props) };
}

/** @throws InfraError `POLICY`, from the resource that breaks a rule */
export function enforcePolicies(): void {
  pulumi.runtime.registerStackTransformation((args) => {
    if (!args.type.startsWith('polyplex:') && !args.type.startsWith('pulumi:')) refuseViolations(violationsOf(subjectOf(args)));
    return undefined;
  });
}
