/** Where file servers find the object storage that runs in the cluster. */
import type { KubernetesStack } from '../config/schema.ts';

export const S3_PORT = 8333;

export function s3Endpoint(stack: KubernetesStack): string {
  return `http://storage.${stack.target.namespace}.svc:${S3_PORT}`;
}
