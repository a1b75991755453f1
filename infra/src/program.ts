/** A stack, whatever its target: secrets checked, policies enforced, everything registered. */
import * as pulumi from '@pulumi/pulumi';
import type { StackConfig } from './config/schema.ts';
import type { SecretValues } from './components/component.ts';
import { deployKubernetes } from './components/kubernetes.ts';
import { deployMachines } from './components/machines.ts';
import { InfraError } from './errors.ts';
import { enforcePolicies } from './policy/enforce.ts';
import { checkIdentities } from './secrets/identity.ts';
import { secretEntry, type SecretName, secretsOf } from './secrets/names.ts';

/** Values of secrets before they are Pulumi's: in memory alone, to be looked at. */
export type PlainSecrets = Readonly<Partial<Record<SecretName, string>>>;

/** Secrets that come from outside the stack. */
function names(stack: StackConfig): readonly SecretName[] {
  return secretsOf(stack).filter((name) => !('resource' in secretEntry(name).source));
}

/** From Pulumi's configuration, where they are encrypted; without those that are missing there. */
export async function configuredSecrets(stack: StackConfig, config: pulumi.Config): Promise<PlainSecrets> {
  const entries = names(stack).flatMap((name) => {
    const secret = config.getSecret(name);
    return secret === undefined ? [] : [new Promise<readonly [SecretName, string]>((resolve) => void secret.apply((value) => { resolve([name, value]); }))];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The key of a CA goes no further than here, whoever put it into the configuration. @throws InfraError `CA_KEY`, `SECRETS` */
function checked(stack: StackConfig, secrets: PlainSecrets): SecretValues {
  const missing = names(stack).filter((name) => secrets[name] === undefined);
  if (missing.length > 0) throw new InfraError('SECRETS', `missing: ${missing.join(', ')}. Give them with: npm run stack -- secrets STACK FOLDER`);
  checkIdentities(secrets);
  return Object.fromEntries(names(stack).map((name) => [name, pulumi.secret(secrets[name] ?? '')]));
}

/** Everything of a stack. Clouds are loaded when they are needed: they are large. */
export async function deploy(stack: StackConfig, secrets: PlainSecrets): Promise<pulumi.Inputs> {
  const values = checked(stack, secrets);
  enforcePolicies();
  const { target } = stack;
  if (target.kind === 'kubernetes') return deployKubernetes({ ...stack, target }, values);
  if (target.kind === 'hcloud') {
    const { hetznerCloud } = await import('./components/hcloud.ts');
    return deployMachines({ ...stack, target }, hetznerCloud({ ...stack, target }), values);
  }
  const { amazon } = await import('./components/aws.ts');
  return deployMachines({ ...stack, target }, amazon({ ...stack, target }), values);
}
