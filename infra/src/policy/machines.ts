/** Rules on resources of clouds. */
import { at, itemsOf } from './look.ts';
import type { Rule } from './rules.ts';

const EVERYBODY = new Set(['0.0.0.0/0', '::/0']);
/** What the world may reach; all else is for the stack's own machines and its operators. */
const PUBLIC_PORTS = new Set(['443', '5223', '5443', '5643', '15223', '15443', '15643']);

function openPorts(rules: readonly unknown[], networks: readonly string[], port: (rule: unknown) => readonly string[]): readonly string[] {
  return rules.filter((rule) => networks.flatMap((field) => itemsOf(at(rule, field))).some((network) => EVERYBODY.has(String(network)))).flatMap(port);
}

const closed = (ports: readonly string[]): readonly string[] => ports.filter((port) => !PUBLIC_PORTS.has(port)).map((port) => `port ${port} is open to everybody`);

export const machineRules: Readonly<Record<string, Rule>> = {
  'firewall': ({ kind, body }) => {
    if (kind === 'hcloud:Firewall') {
      const inwards = itemsOf(at(body, 'rules')).filter((rule) => at(rule, 'direction') === 'in' && at(rule, 'protocol') !== 'icmp');
      return closed(openPorts(inwards, ['sourceIps'], (rule) => [String(at(rule, 'port'))]));
    }
    if (kind !== 'aws:SecurityGroup') return [];
    return closed(openPorts(itemsOf(at(body, 'ingress')), ['cidrBlocks', 'ipv6CidrBlocks'], (rule) => {
      const [from, to] = [String(at(rule, 'fromPort')), String(at(rule, 'toPort'))];
      return from === to ? [from] : [`${from}-${to}`];
    }));
  },
  'machines-guarded': ({ kind, body }) => (kind === 'hcloud:Server' && itemsOf(at(body, 'firewallIds')).length === 0 ? ['has no firewall'] : []),
  'disks-encrypted': ({ kind, body }) => (kind === 'aws:Instance' && at(body, 'rootBlockDevice', 'encrypted') !== true ? ['its disk is not encrypted'] : []),
  'metadata-guarded': ({ kind, body }) => (kind === 'aws:Instance' && at(body, 'metadataOptions', 'httpTokens') !== 'required' ? ['its metadata can be read by any request (IMDSv2)'] : []),
  'bucket-private': ({ kind, body }) => (kind === 'aws:BucketPublicAccessBlock' && !['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'].every((field) => at(body, field) === true)
    ? ['the bucket can be made public'] : []),
};
