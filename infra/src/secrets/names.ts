/**
 * Every secret of a stack: its name among Pulumi's secrets, and for those of an identity the file of the configuration folder that
 * `polyplex init` made. The list is closed, and no entry is below a folder `ca`: what is not in it cannot be uploaded.
 */
import type { StackConfig } from '../config/schema.ts';

/** Where a secret comes from: a file of the configuration folder, a random text made once, the operator, or a resource of the stack. */
type Source = { readonly file: string } | { readonly made: true } | { readonly given: string } | { readonly resource: string };

interface Entry {
  readonly source: Source;
  /** Bytes, kept and handed on in base64. */
  readonly isBinary?: true;
  /** Whether a stack has it. */
  readonly isFor: (stack: StackConfig) => boolean;
}

const always = (): boolean => true;
const ofFiles = ({ files }: StackConfig): boolean => files !== undefined;
const ofPush = ({ push }: StackConfig): boolean => push !== undefined;
const ofBot = ({ bot }: StackConfig): boolean => bot !== undefined;
/** In one configuration with the relay it takes that. */
const ofBotElsewhere = ({ bot, redis, target }: StackConfig): boolean => bot !== undefined && (redis !== undefined || target.kind === 'kubernetes');
const ofTor = ({ tor }: StackConfig): boolean => tor !== undefined;

export const SECRETS = {
  relayCertificate: { source: { file: 'server.crt' }, isFor: always },
  relayKey: { source: { file: 'server.key' }, isFor: always },
  relayFingerprint: { source: { file: 'fingerprint' }, isFor: always },
  password: { source: { file: 'password' }, isFor: always },
  filesCertificate: { source: { file: 'xftp/server.crt' }, isFor: ofFiles },
  filesKey: { source: { file: 'xftp/server.key' }, isFor: ofFiles },
  filesFingerprint: { source: { file: 'xftp/fingerprint' }, isFor: ofFiles },
  pushCertificate: { source: { file: 'ntf/server.crt' }, isFor: ofPush },
  pushKey: { source: { file: 'ntf/server.key' }, isFor: ofPush },
  pushFingerprint: { source: { file: 'ntf/fingerprint' }, isFor: ofPush },
  vapidKey: { source: { file: 'ntf/vapid.key' }, isFor: ofPush },
  servicesKey: { source: { file: 'ntf/services.key' }, isFor: ofPush },
  botKey: { source: { file: 'bot/store.key' }, isFor: ofBot },
  botRelays: { source: { given: 'addresses of relays for the bot, with commas between them (polyplex address --only smp)' }, isFor: ofBotElsewhere },
  apnsKey: { source: { given: 'the .p8 file of Apple\'s developer account' }, isFor: ({ push }: StackConfig) => push?.apns !== undefined },
  adminToken: { source: { made: true }, isFor: always },
  readerToken: { source: { made: true }, isFor: always },
  redisPassword: { source: { made: true }, isFor: ({ redis }: StackConfig) => redis !== undefined },
  grafanaPassword: { source: { made: true }, isFor: ({ monitoring }: StackConfig) => monitoring !== undefined },
  s3InCluster: { source: { made: true }, isFor: ({ objectStorage }: StackConfig) => objectStorage?.kind === 'in-cluster' },
  s3Secret: { source: { given: 'the secret of the access key of the object storage' }, isFor: ({ objectStorage }: StackConfig) => objectStorage?.kind === 'external' },
  s3AccessKeyId: { source: { resource: 'the access key of the bucket' }, isFor: ({ objectStorage }: StackConfig) => objectStorage?.kind === 'aws' },
  s3AccessKey: { source: { resource: 'the access key of the bucket' }, isFor: ({ objectStorage }: StackConfig) => objectStorage?.kind === 'aws' },
  alertPassword: { source: { given: 'the password for sending alerts by email' }, isFor: ({ monitoring }: StackConfig) => monitoring?.alerts.email !== undefined },
  alertWebhook: { source: { given: 'the link that alerts are posted to' }, isFor: ({ monitoring }: StackConfig) => monitoring?.alerts.webhook === true },
  onionKey: { source: { given: 'hs_ed25519_secret_key of the onion service' }, isBinary: true, isFor: ofTor },
  onionPublicKey: { source: { given: 'hs_ed25519_public_key of the onion service' }, isBinary: true, isFor: ofTor },
  onionName: { source: { given: 'hostname of the onion service' }, isFor: ofTor },
} satisfies Readonly<Record<string, Entry>>;

export type SecretName = keyof typeof SECRETS;

/** One entry of the list, whatever its fields. */
export function secretEntry(name: SecretName): Entry {
  return SECRETS[name];
}

/** The secrets that this stack has. */
export function secretsOf(stack: StackConfig): readonly SecretName[] {
  return (Object.keys(SECRETS) as SecretName[]).filter((name) => SECRETS[name].isFor(stack));
}

/** A file made of a secret: its text, or a template in which `{}` stands for it. */
export interface SecretFile {
  readonly secret: SecretName;
  readonly template?: string;
}

/** The text of a file, given its secret's value. */
export function fillIn({ template }: SecretFile, value: string): string {
  return template === undefined ? value : template.replaceAll('{}', () => value);
}
