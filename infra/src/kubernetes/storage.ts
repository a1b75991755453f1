/** Object storage in the cluster: one SeaweedFS with an S3 port. For files that live two days; what must not be lost belongs elsewhere. */
import type { KubernetesStack } from '../config/schema.ts';
import { labelsOf, type Manifest, meta, type Part, secretOf } from './manifest.ts';
import { policy } from './network.ts';
import { claim, container, podSpec, resources, scratch } from './pod.ts';
import { S3_PORT } from './storage-names.ts';

const USER = 1000;
const IDENTITIES = JSON.stringify({ identities: [{ name: 'polyplex', credentials: [{ accessKey: 'polyplex', secretKey: '{}' }], actions: ['Admin', 'Read', 'Write', 'List'] }] });

/** The tool asks and makes on this machine alone, so no other port is open to anybody. */
function makeBucket(bucket: string): string {
  return `until echo 's3.bucket.list' | weed shell -master=127.0.0.1:9333 2>/dev/null | grep -qw '${bucket}'; do echo 's3.bucket.create -name ${bucket}' | weed shell -master=127.0.0.1:9333 || true; sleep 1; done`;
}

function workload(stack: KubernetesStack, bucket: string, disk: string): Manifest {
  const args = ['server', '-dir=/data', '-ip=127.0.0.1', '-ip.bind=0.0.0.0', '-s3', `-s3.port=${S3_PORT}`, '-s3.config=/secrets/s3.json', '-master.volumeSizeLimitMB=1024', '-volume.max=0'];
  const storage = container({
    name: 'storage', image: stack.images.seaweedfs, command: ['weed', '-logtostderr=true'], args, resources: resources(1, '2GiB'),
    ports: [{ name: 's3', containerPort: S3_PORT }],
    lifecycle: { postStart: { exec: { command: ['sh', '-c', makeBucket(bucket)] } } },
    readinessProbe: { tcpSocket: { port: 's3' }, periodSeconds: 5 }, livenessProbe: { tcpSocket: { port: 's3' }, periodSeconds: 20, failureThreshold: 6 },
    volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'secrets', mountPath: '/secrets', readOnly: true }, { name: 'tmp', mountPath: '/tmp' }],
  });
  const volumes = [{ name: 'secrets', secret: { secretName: 'storage', defaultMode: 0o440 } }, scratch('tmp', '1GiB')];
  return {
    apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: meta(stack, 'storage'),
    spec: {
      replicas: 1, serviceName: 'storage', selector: { matchLabels: { ...labelsOf(stack, 'storage') } },
      template: { metadata: { labels: { ...labelsOf(stack, 'storage') } }, spec: podSpec(stack, { app: 'storage', user: USER, containers: [storage], volumes, graceSeconds: 60 }) },
      volumeClaimTemplates: [claim(stack, 'data', disk)],
    },
  };
}

/** Empty where the storage is somebody else's. */
export function storageParts(stack: KubernetesStack): readonly Part[] {
  const { objectStorage } = stack;
  if (objectStorage?.kind !== 'in-cluster') return [];
  return [{
    type: 'ObjectStorage', name: 'storage', secrets: [secretOf(stack, 'storage', { 's3.json': { secret: 's3InCluster', template: IDENTITIES } })],
    manifests: [
      { apiVersion: 'v1', kind: 'Service', metadata: meta(stack, 'storage'), spec: { clusterIP: 'None', selector: { ...labelsOf(stack, 'storage') }, ports: [{ name: 's3', port: S3_PORT }] } },
      policy(stack, 'storage', { from: [{ peer: ['files'], ports: [S3_PORT] }] }),
      workload(stack, objectStorage.bucket, objectStorage.disk),
    ],
  }];
}
