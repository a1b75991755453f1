/** Who may speak with whom: nothing, unless a policy here says so. Ports are those of pods. */
import type { NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer } from 'kubernetes-types/networking/v1.js';
import type { KubernetesStack } from '../config/schema.ts';
import { labelsOf, type Manifest, meta, type Part } from './manifest.ts';

const tcp = (ports: readonly number[]) => ports.map((port) => ({ protocol: 'TCP' as const, port }));

/** Pods of these apps of the stack. */
function pods(stack: KubernetesStack, apps: readonly string[]): NetworkPolicyPeer[] {
  return apps.map((app) => ({ podSelector: { matchLabels: { ...labelsOf(stack, app) } } }));
}

/** Addresses that are nobody's in particular: never a relay, and where clusters and clouds keep what is theirs. */
const PRIVATE = ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];
const PRIVATE_6 = ['::1/128', 'fc00::/7', 'fe80::/10'];

/** The internet without private networks: relays and push services are chosen by clients. */
const INTERNET: NetworkPolicyPeer[] = [{ ipBlock: { cidr: '0.0.0.0/0', except: PRIVATE } }, { ipBlock: { cidr: '::/0', except: PRIVATE_6 } }];
const ANYBODY: NetworkPolicyPeer[] = [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }];

/** Apps of the stack, the internet, or any address at all. */
type Peer = readonly string[] | 'internet' | 'anybody';

/** With whom, at which ports. */
export interface Flow {
  readonly peer: Peer;
  /** None is all. */
  readonly ports?: readonly number[];
}

function peers(stack: KubernetesStack, peer: Peer): NetworkPolicyPeer[] {
  if (peer === 'internet') return INTERNET;
  return peer === 'anybody' ? ANYBODY : pods(stack, peer);
}

const portsOf = ({ ports }: Flow) => (ports === undefined ? {} : { ports: tcp(ports) });

/** The policy of one app. */
export function policy(stack: KubernetesStack, app: string, flows: { readonly from?: readonly Flow[]; readonly to?: readonly Flow[] }): Manifest {
  const ingress: NetworkPolicyIngressRule[] = (flows.from ?? []).map((flow) => ({ from: peers(stack, flow.peer), ...portsOf(flow) }));
  const egress: NetworkPolicyEgressRule[] = (flows.to ?? []).map((flow) => ({ to: peers(stack, flow.peer), ...portsOf(flow) }));
  return {
    apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: meta(stack, app),
    spec: { podSelector: { matchLabels: { ...labelsOf(stack, app) } }, policyTypes: ['Ingress', 'Egress'], ingress, egress },
  };
}

/** Where the cache of the name service listens on each machine, in clusters that have one. */
const NODE_LOCAL_DNS = '169.254.20.10/32';

/** For all pods of the namespace: nothing in, and out to the name service alone. */
export function networkPolicies(stack: KubernetesStack): Part {
  const dns: NetworkPolicyEgressRule = {
    to: [{ ipBlock: { cidr: NODE_LOCAL_DNS } }, { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } }, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
    ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }],
  };
  return {
    type: 'NetworkPolicies', name: 'network-policies', secrets: [],
    manifests: [{
      apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: meta(stack, 'everything'),
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [dns] },
    }],
  };
}
