/** Parts of a stack as files for `kubectl`, for those who do not use Pulumi: numbered, in the order in which they are applied. */
import { stringify } from 'yaml';
import type { KubernetesStack } from '../config/schema.ts';
import type { Part } from '../kubernetes/manifest.ts';
import { kubernetesParts } from '../kubernetes/stack.ts';
import { refuseViolations, violationsOf } from '../policy/rules.ts';
import { secretsScript } from './secrets-script.ts';

const HEADER = '# Made by `npm --prefix infra run render`; a test keeps it so. Change the example of its folder\'s name in infra/examples, or infra/src.\n';
/** The same in every example, and large. */
const APART = 'dashboards';

function text(manifests: Part['manifests']): string {
  return HEADER + manifests.map((manifest) => `---\n${stringify(manifest, { lineWidth: 0, aliasDuplicateObjects: false })}`).join('');
}

/**
 * Contents by file name. Secrets are not among them: `secrets.sh` makes them from the configuration folder.
 * @throws InfraError `POLICY`
 */
export function renderStack(stack: KubernetesStack): ReadonlyMap<string, string> {
  const parts = kubernetesParts(stack);
  refuseViolations(parts.flatMap(({ manifests }) => manifests).flatMap((manifest) => violationsOf({ name: manifest.metadata.name, kind: manifest.kind, body: manifest })));
  const files = parts.map(({ name, manifests }, index) => [`${String(index).padStart(2, '0')}-${name}.yaml`, text(manifests.filter(({ metadata }) => metadata.name !== APART))] as const);
  return new Map([...files, ['secrets.sh', secretsScript(stack, parts)]]);
}

/** The dashboards, which all examples share. */
export function renderDashboards(stack: KubernetesStack): string {
  return text(kubernetesParts(stack).flatMap(({ manifests }) => manifests).filter(({ metadata }) => metadata.name === APART));
}
