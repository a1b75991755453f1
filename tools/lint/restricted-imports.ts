/**
 * Modules that have an owner: sockets belong to transports, files to engines, native crypto to the crypto library, and
 * so on. Everybody else reaches them through the owner's exports. ESLint applies one list to a file, the last that
 * matches, so each owner's list is the whole list without what it owns.
 */

/** Builtin modules that do I/O. */
const NODE_IO = ['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises', 'fs', 'fs/promises', 'child_process'];

/** Modules only one kind of library may import, and what the others are told. */
const OWNED = {
  io: {
    message: 'I/O belongs to transports, store engines, config, nest, console and apps.',
    group: NODE_IO.flatMap((name) => [name, `node:${name}`]),
  },
  database: { message: 'LMDB belongs to libs/store/embedded.', group: ['lmdb'] },
  redis: { message: 'The Redis client belongs to libs/store/redis.', group: ['redis', '@redis/*'] },
  s3: { message: 'The S3 client belongs to libs/store/s3.', group: ['@aws-sdk/*', '@smithy/*'] },
  primitives: { message: 'Primitives belong to libs/crypto.', group: ['sodium-native', '@noble/*', '@noble/*/*'] },
  sockets: { message: 'WebSockets and SOCKS belong to libs/transport.', group: ['ws', 'socks'] },
};

/** How the environment would slip past the rule on `process.env`. */
const ENVIRONMENT = {
  name: 'node:process',
  importNames: ['env'],
  message: 'The environment is read once, in libs/config.',
};

/** One flat-config object: `files` may import what they own and nothing else of the list. */
function owners(files: readonly string[], owned: readonly (keyof typeof OWNED)[]) {
  const foreign = Object.entries(OWNED).filter(([name]) => !owned.some((own) => own === name));
  const patterns = foreign.map(([, pattern]) => pattern);
  return { files: [...files], rules: { 'no-restricted-imports': ['error', { paths: [ENVIRONMENT], patterns }] } };
}

/** Flat-config objects, the general rule first and each owner after it. */
export const restrictedImportConfigs = [
  owners(['libs/**/*.ts'], []),
  owners(['apps/**/*.ts', 'libs/{config,nest,node,console,swarm}/**/*.ts'], ['io']),
  owners(['libs/crypto/**/*.ts'], ['primitives']),
  owners(['libs/transport/**/*.ts'], ['io', 'sockets']),
  owners(['libs/store/embedded/**/*.ts'], ['io', 'database']),
  owners(['libs/store/redis/**/*.ts'], ['io', 'redis']),
  owners(['libs/store/s3/**/*.ts'], ['io', 's3']),
  owners(['libs/local-cluster/**/*.ts'], ['io', 'redis', 's3']),
];
