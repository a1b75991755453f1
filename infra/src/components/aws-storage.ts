/** A bucket for bodies of files, private and without versions, and a key that opens it and nothing else. */
import * as iam from '@pulumi/aws/iam/index.js';
import * as s3 from '@pulumi/aws/s3/index.js';
import * as pulumi from '@pulumi/pulumi';
import type { AwsStack } from '../config/schema.ts';
import type { SecretName } from '../secrets/names.ts';

export function makeBucket(stack: AwsStack, options: pulumi.CustomResourceOptions): Readonly<Partial<Record<SecretName, pulumi.Output<string>>>> {
  if (stack.objectStorage?.kind !== 'aws') return {};
  const bucket = new s3.Bucket('bucket', { bucket: stack.objectStorage.bucket }, { ...options, protect: true });
  new s3.BucketPublicAccessBlock('bucket-private', { bucket: bucket.id, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true }, options);
  const user = new iam.User('files', { name: `${stack.name}-files` }, options);
  const policy = pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [bucket.arn] },
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], Resource: [pulumi.interpolate`${bucket.arn}/*`] },
    ],
  });
  new iam.UserPolicy('files', { user: user.name, policy }, options);
  const key = new iam.AccessKey('files', { user: user.name }, { ...options, additionalSecretOutputs: ['secret'] });
  return { s3AccessKeyId: pulumi.secret(key.id), s3AccessKey: pulumi.secret(key.secret) };
}
