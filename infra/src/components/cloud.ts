/** What a cloud does for a stack on machines; each has its own way, and the stack does not mind which. */
import type * as pulumi from '@pulumi/pulumi';
import type { Machine } from '../machines/plan.ts';
import type { SecretName } from '../secrets/names.ts';
import type { Unit } from '../settings/units.ts';
import type { Component } from './component.ts';

/** A machine as its cloud made it. */
export interface Server {
  readonly machine: Machine;
  readonly resource: pulumi.CustomResource;
  /** For SSH, and for clients where there is no balancer. */
  readonly address: pulumi.Output<string>;
  readonly ipv6?: pulumi.Output<string>;
}

/** The way in. */
export type Way =
  | { readonly kind: 'addresses'; readonly ipv4: pulumi.Output<string>; readonly ipv6?: pulumi.Output<string> }
  | { readonly kind: 'name'; readonly name: pulumi.Output<string>; readonly zone: pulumi.Output<string> };

export interface Cloud {
  readonly kind: 'hcloud' | 'aws';
  /** Network, firewalls, what machines share. */
  makeNetwork: (parent: Component) => void;
  makeServer: (machine: Machine, parent: Component) => Server;
  /** TCP, passed on with a PROXY header to nodes that are ready. */
  makeBalancer: (units: readonly Unit[], servers: readonly Server[], parent: Component) => Way;
  /** Where clients go without a balancer. */
  wayTo: (server: Server) => Way;
  makeRecord: (host: string, way: Way, parent: Component) => void;
  /** A bucket and a key for it alone; none where it is somebody else's. */
  makeStorage: (parent: Component) => Readonly<Partial<Record<SecretName, pulumi.Output<string>>>>;
}
