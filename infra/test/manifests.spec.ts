/** Manifests of the examples: what the API of Kubernetes has to say of them, the files in the repository, and a mutant for what is checked. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { describe, expect, test } from 'vitest';
import type { Manifest } from '../src/kubernetes/manifest.ts';
import { kubernetesParts } from '../src/kubernetes/stack.ts';
import { renderDashboards, renderStack } from '../src/render/yaml.ts';
import { unitsOf } from '../src/settings/units.ts';
import { API_VERSIONS, problemsIn } from './schemas.ts';
import { KUBERNETES_EXAMPLES, onKubernetes, ROOT } from './support.ts';

const RENDERED = join(ROOT, 'deploy/kubernetes');

const manifestsOf = (name: string): readonly Manifest[] => kubernetesParts(onKubernetes(name)).flatMap(({ manifests }) => manifests);

function find<Kind extends string>(name: string, kind: Kind, called: string) {
  const found = manifestsOf(name).find((manifest) => manifest.kind === kind && manifest.metadata.name === called);
  if (found === undefined) throw new TypeError(`${name} has no ${kind} ${called}`);
  return structuredClone(found) as Extract<Manifest, { readonly kind?: Kind }>;
}

describe.each(KUBERNETES_EXAMPLES)('%s', (name) => {
  test.each(API_VERSIONS)('is what the API %s takes', (version) => {
    const manifests = manifestsOf(name);
    expect(manifests.length).toBeGreaterThan(12);
    expect(manifests.flatMap((manifest) => problemsIn(manifest, version))).toEqual([]);
  });

  test('is what the repository has', () => {
    const rendered = renderStack(onKubernetes(name));
    expect([...rendered.keys()].sort()).toEqual(readdirSync(join(RENDERED, name)).sort());
    for (const [file, content] of rendered) expect(readFileSync(join(RENDERED, name, file), 'utf8') === content, `${name}/${file}: run npm --prefix infra run render`).toBe(true);
  });

  test('has each object once, all in its namespace, and finds every ConfigMap, Secret and Service that it names', () => {
    const manifests = manifestsOf(name);
    const keys = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`);
    expect(new Set(keys).size).toBe(keys.length);
    const text = JSON.stringify(manifests);
    const named = (kind: string) => new Set(manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name));
    const secrets = new Set(kubernetesParts(onKubernetes(name)).flatMap((part) => part.secrets.map((secret) => secret.name)));
    for (const [, secret] of text.matchAll(/"secretName":"([^"]+)"/g)) expect(secrets).toContain(secret);
    for (const [, secret] of text.matchAll(/"secret":\{"name":"([^"]+)"/g)) expect(secrets).toContain(secret);
    for (const [, map] of text.matchAll(/"configMap":\{"name":"([^"]+)"/g)) expect(named('ConfigMap')).toContain(map);
    for (const [, service] of text.matchAll(/"serviceName":"([^"]+)"/g)) expect(named('Service')).toContain(service);
    for (const [, service] of text.matchAll(/\b([a-z-]+)\.polyplex\.svc/g)) expect(named('Service')).toContain(service);
  });
});

test('dashboards are those of deploy/grafana, and fit into one object', () => {
  const text = renderDashboards(onKubernetes('team'));
  expect(readFileSync(join(RENDERED, 'dashboards.yaml'), 'utf8') === text, 'run npm --prefix infra run render').toBe(true);
  const [document] = parseAllDocuments(text);
  expect(Object.keys((document!.toJS() as { data: object }).data)).toEqual(readdirSync(join(ROOT, 'deploy/grafana')).filter((file) => file.endsWith('.json')).sort());
  expect(text.length).toBeLessThan(1_000_000);
});

describe('an object that the API would refuse is refused here', () => {
  const deployment = find('team', 'Deployment', 'relay');
  const [container] = deployment.spec!.template.spec!.containers;
  test.each([
    ['a misspelt field', { ...deployment, spec: { ...deployment.spec, minReadySecond: 10 } }, /additional properties/],
    ['a text for a number', { ...deployment, spec: { ...deployment.spec, minReadySeconds: '10' } }, /integer/],
    ['a probe without a port', { ...deployment, spec: { ...deployment.spec, template: { spec: { containers: [{ ...container, readinessProbe: { httpGet: { path: '/' } } }] } } } }, /port/],
    ['a pod without containers', { ...deployment, spec: { ...deployment.spec, template: { spec: {} } } }, /containers/],
  ])('%s', (_what, manifest, says) => {
    for (const version of API_VERSIONS) expect(problemsIn(manifest, version).join('\n')).toMatch(says);
  });
});

describe('the servers that clients name may be the stack\'s own, whose balancer\'s address becomes a pod\'s', () => {
  test.each([['relay', ['relay']], ['push', ['relay']], ['bot', ['relay', 'files']], ['files', []]])('%s reaches %j', (name, expected) => {
    const { egress = [] } = find('large', 'NetworkPolicy', name).spec!;
    const reached = egress.flatMap(({ to = [], ports = [] }) => to.map(({ podSelector }) => [podSelector?.matchLabels?.['app.kubernetes.io/name'], ports.map(({ port }) => port)] as const));
    const LISTEN: Readonly<Record<string, number>> = { relay: 5223, files: 5443 };
    expect(reached.filter(([app]) => app === 'relay' || app === 'files' || app === 'push')).toEqual(expected.map((app) => [app, [LISTEN[app]]]));
  });
});

test('Tor comes to nodes with a PROXY header where they want one, and only there', () => {
  const torrc = (proxyProtocolFrom: string[]): string => {
    const large = onKubernetes('large');
    const stack = { ...large, target: { ...large.target, balancer: { ...large.target.balancer, proxyProtocolFrom } } };
    const found = kubernetesParts(stack).flatMap(({ manifests }) => manifests).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'tor') as { data: Record<string, string> };
    return found.data['torrc']!;
  };
  expect(torrc(['10.0.0.0/8'])).toMatch(/^HiddenServiceDir .*\nHiddenServiceExportCircuitID haproxy\n/m);
  expect(torrc([])).not.toContain('haproxy');
});

describe('autoscaling', () => {
  test.each([['team', 'relay', []], ['large', 'relay', ['polyplex_smp_connections']], ['large', 'files', []]] as const)('of %s %s goes by the processor and %j, which servers have', (name, unit, connections) => {
    const { spec } = find(name, 'HorizontalPodAutoscaler', unit);
    const { spec: workload } = find(name, spec!.scaleTargetRef.kind as 'Deployment', spec!.scaleTargetRef.name);
    // Their number is the scaler's, and a share of the processor is one of what is asked for.
    expect([workload!.replicas, workload!.template.spec!.containers[0]!.resources!.requests!['cpu']]).toEqual([undefined, expect.anything()]);
    expect(spec!.maxReplicas).toBeGreaterThan(spec!.minReplicas!);
    const [processor, ...others] = spec!.metrics!;
    expect(processor).toMatchObject({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } });
    expect(others.map(({ pods }) => pods!.metric.name)).toEqual(connections);
    // docs/metrics.md is made of what real servers say.
    const known = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
    for (const metric of connections) expect(known).toContain(`| \`${metric}\` | gauge |`);
    for (const { connectionsMetric } of unitsOf(onKubernetes(name))) expect(known.includes(`\`${connectionsMetric}\` | gauge`) || connectionsMetric === '').toBe(true);
  });

  test('by connections is served by the adapter, from series that Prometheus gives the labels which it asks for', () => {
    const { rules } = parse(find('large', 'ConfigMap', 'prometheus-adapter').data!['rules.yaml']!) as { rules: { seriesQuery: string; name: { as: string }; resources: { overrides: object } }[] };
    expect(rules.map(({ name }) => name.as)).toEqual(['polyplex_smp_connections']);
    const { scrape_configs: jobs } = parse(find('large', 'ConfigMap', 'prometheus').data!['prometheus.yaml']!) as { scrape_configs: { job_name: string; relabel_configs: { target_label?: string }[] }[] };
    const labels = jobs.find(({ job_name: job }) => job === 'polyplex-smp')!.relabel_configs.map(({ target_label: label }) => label);
    for (const { seriesQuery, resources } of rules) {
      const asked = [...seriesQuery.matchAll(/(\w+)!=""/g)].map(([, label]) => label!);
      expect(asked).toEqual(Object.keys(resources.overrides));
      expect(labels).toEqual(expect.arrayContaining(asked));
    }
  });
});

describe('a rolling update', () => {
  test.each([['team', 'relay'], ['team', 'files'], ['large', 'relay'], ['large', 'push']])('of %s %s misses no node, leaves the balancer first and waits for the drain', (name, unit) => {
    const { spec } = find(name, 'Deployment', unit);
    const pod = spec!.template.spec!;
    const settings = find(name, 'ConfigMap', unit).data!['polyplex.yaml']!;
    const drain = Number(/drainTimeout: (\d+)s/.exec(settings)![1]);
    expect(spec!.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(10 + drain + 30);
    expect(pod.containers[0]!.lifecycle).toEqual({ preStop: { sleep: { seconds: 10 } } });
    expect(find(name, 'PodDisruptionBudget', unit).spec).toMatchObject({ maxUnavailable: 1 });
  });

  test('restarts nodes when their settings or their secrets change, and not otherwise', () => {
    const team = onKubernetes('team');
    const template = (stack: typeof team) => kubernetesParts(stack).flatMap(({ manifests }) => manifests).find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'relay') as ReturnType<typeof find<'Deployment'>>;
    const annotations = (stack: typeof team) => template(stack).spec!.template.metadata!.annotations;
    expect(annotations({ ...team })).toEqual(annotations(team));
    expect(annotations({ ...team, relay: { ...team.relay, nodes: 5 } })).toEqual(annotations(team));
    expect(annotations({ ...team, relay: { ...team.relay, connections: 77 } })).not.toEqual(annotations(team));
    expect(annotations({ ...team, secretsVersion: 2 })).not.toEqual(annotations(team));
  });
});

test('scaling goes by processor and connections, slowly down', () => {
  const { spec } = find('large', 'HorizontalPodAutoscaler', 'relay');
  expect(spec).toMatchObject({ minReplicas: 34, maxReplicas: 48 });
  expect(spec!.metrics!.map(({ type }) => type)).toEqual(['Resource', 'Pods']);
  expect(spec!.behavior!.scaleDown!.policies).toEqual([{ type: 'Pods', value: 1, periodSeconds: 300 }]);
  expect(find('large', 'Deployment', 'relay').spec!.replicas).toBeUndefined();
  expect(find('team', 'Deployment', 'files').spec!.replicas).toBe(2);
});
