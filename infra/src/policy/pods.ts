/** Rules on pods and services of Kubernetes. */
import { at, fieldsOf, itemsOf } from './look.ts';
import type { Rule, Subject } from './rules.ts';

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template', 'spec'], StatefulSet: ['spec', 'template', 'spec'], DaemonSet: ['spec', 'template', 'spec'], Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'], Pod: ['spec'],
};

function podOf({ kind, body }: Subject): unknown {
  const path = TEMPLATES[kind];
  return path === undefined ? undefined : at(body, ...path);
}

function containersOf(subject: Subject): readonly unknown[] {
  const pod = podOf(subject);
  return ['containers', 'initContainers', 'ephemeralContainers'].flatMap((list) => itemsOf(at(pod, list)));
}

/** A rule on each container, with its name before what is wrong. */
function ofContainers(find: (container: unknown, pod: unknown) => readonly (string | false)[]): Rule {
  return (subject) => containersOf(subject).flatMap((container) => find(container, podOf(subject)).filter((problem) => problem !== false).map((problem) => `container ${String(at(container, 'name'))}: ${problem}`));
}

const VERSION = /^[\w./:-]+:(?!latest$|latest@)[\w][\w.-]*(@sha256:[0-9a-f]{64})?$|^[\w./:-]+@sha256:[0-9a-f]{64}$/;

const APP = 'app.kubernetes.io/name';

function isRedis({ name, body }: Subject): boolean {
  return name.includes('redis') || at(body, 'spec', 'selector', APP) === 'redis' || at(body, 'spec', 'podSelector', 'matchLabels', APP) === 'redis';
}

function servedOutside({ kind, body }: Subject): readonly string[] {
  const type = at(body, 'spec', 'type') ?? 'ClusterIP';
  return kind === 'Service' && (type !== 'ClusterIP' || itemsOf(at(body, 'spec', 'externalIPs')).length > 0) ? ['Redis is reached from outside the cluster'] : [];
}

/** A peer is pods of this namespace; a rule that names no peer is for everybody. */
function reachedByOthers({ kind, body }: Subject): readonly string[] {
  const isOther = (peer: unknown): boolean => at(peer, 'podSelector') === undefined || at(peer, 'namespaceSelector') !== undefined;
  const isOpen = (rule: unknown): boolean => itemsOf(at(rule, 'from')).length === 0 || itemsOf(at(rule, 'from')).some(isOther);
  return kind === 'NetworkPolicy' && itemsOf(at(body, 'spec', 'ingress')).some(isOpen) ? ['others than pods of the stack reach Redis'] : [];
}

export const podRules: Readonly<Record<string, Rule>> = {
  'no-root': ofContainers((container, pod) => {
    const user = at(container, 'securityContext', 'runAsUser') ?? at(pod, 'securityContext', 'runAsUser');
    const nonRoot = at(container, 'securityContext', 'runAsNonRoot') ?? at(pod, 'securityContext', 'runAsNonRoot');
    return [(nonRoot !== true || typeof user !== 'number' || user === 0) && 'must run as an ordinary user (runAsNonRoot, runAsUser)'];
  }),
  'no-privileges': ofContainers((container, pod) => [
    at(container, 'securityContext', 'privileged') === true && 'is privileged',
    at(container, 'securityContext', 'allowPrivilegeEscalation') !== false && 'may gain privileges',
    !itemsOf(at(container, 'securityContext', 'capabilities', 'drop')).includes('ALL') && 'keeps capabilities',
    itemsOf(at(container, 'securityContext', 'capabilities', 'add')).length > 0 && 'adds capabilities',
    at(pod, 'securityContext', 'seccompProfile', 'type') !== 'RuntimeDefault' && 'has no seccomp profile',
    ['hostNetwork', 'hostPID', 'hostIPC'].some((field) => at(pod, field) === true) && 'shares the host\'s namespaces',
    itemsOf(at(pod, 'volumes')).some((volume) => 'hostPath' in fieldsOf(volume)) && 'sees the host\'s disk',
  ]),
  'read-only': ofContainers((container) => [at(container, 'securityContext', 'readOnlyRootFilesystem') !== true && 'may write to its image (readOnlyRootFilesystem)']),
  'limits': ofContainers((container) => ['requests', 'limits'].flatMap((kind) => ['cpu', 'memory'].map((resource) => at(container, 'resources', kind, resource) === undefined && `has no ${kind}.${resource}`))),
  'pinned': ofContainers((container) => [!VERSION.test(String(at(container, 'image'))) && `image ${String(at(container, 'image'))} has no version`]),
  'no-tokens': (subject) => {
    const pod = podOf(subject);
    return pod !== undefined && at(pod, 'automountServiceAccountToken') !== false && at(pod, 'serviceAccountName') === undefined ? ['gets a token of the API that it does not need'] : [];
  },
  'redis-is-private': (subject) => (isRedis(subject) ? [...servedOutside(subject), ...reachedByOthers(subject)] : []),
  'admin-is-private': ({ kind, body }) => (kind === 'Service' && at(body, 'spec', 'type') === 'LoadBalancer'
    ? itemsOf(at(body, 'spec', 'ports')).filter((port) => !['smp', 'xftp', 'ntf'].includes(String(at(port, 'targetPort')))).map((port) => `port ${String(at(port, 'port'))} is open to everybody`) : []),
  'drains': (subject) => {
    if (!['relay', 'files', 'push'].includes(subject.name) || !['Deployment', 'StatefulSet'].includes(subject.kind)) return [];
    const pod = podOf(subject);
    const grace = Number(at(pod, 'terminationGracePeriodSeconds') ?? 30);
    const leave = Number(at(itemsOf(at(pod, 'containers'))[0], 'lifecycle', 'preStop', 'sleep', 'seconds') ?? 0);
    const ready = at(itemsOf(at(pod, 'containers'))[0], 'readinessProbe', 'httpGet', 'path');
    return [leave < 5 && 'takes no time to leave the balancer (preStop)', grace < leave + 30 && 'is killed before its drain ends', ready !== '/readyz' && 'is not asked whether it is ready',
      subject.kind === 'Deployment' && at(subject.body, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable') !== 0 && 'has nodes missing during an update'].filter((problem) => problem !== false);
  },
};
