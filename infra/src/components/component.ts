/** What all components of a stack are: a node in the tree of resources, with a type of ours, that owns what it made. */
import * as pulumi from '@pulumi/pulumi';
import type { SecretName } from '../secrets/names.ts';

/** Values of secrets, which Pulumi keeps encrypted in its state. */
export type SecretValues = Readonly<Partial<Record<SecretName, pulumi.Output<string>>>>;

/** `polyplex:kubernetes:RelayFleet` and the like. */
export class Component extends pulumi.ComponentResource {
  constructor(type: string, name: string, options?: pulumi.ComponentResourceOptions) {
    super(`polyplex:${type}`, name, {}, options);
  }

  /** For what it makes. */
  get children(): pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource } {
    return { parent: this };
  }

  finish(outputs: pulumi.Inputs = {}): this {
    this.registerOutputs(outputs);
    return this;
  }
}

/** The value of a secret that must be there. */
export function secretValue(values: SecretValues, name: SecretName): pulumi.Output<string> {
  return values[name] ?? pulumi.secret('');
}
