/**
 * A whole node of the relay with its admin port, on a store that was prepared. Arguments: its folder, and settings. The
 * port that it tells is the admin port.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '@polyplex/config';
import { silentLogger } from '@polyplex/telemetry';
import { createSmpNode, smpConfig } from 'smp-server';
import { freshCredentials, obey } from './obey.ts';

const [folder = '', ...settings] = process.argv.slice(2);
const { credentials, certificatePem, keyPem } = freshCredentials();
await writeFile(join(folder, 'server.crt'), certificatePem);
await writeFile(join(folder, 'server.key'), keyPem);
const flags = [
  'listen.host=127.0.0.1', 'listen.ports=0', 'admin.port=0', 'shutdown.drainTimeout=0', `storage.dataDir=${folder}/data`,
  `identity.certificateFile=${folder}/server.crt`, `identity.keyFile=${folder}/server.key`, ...settings,
];
const node = await createSmpNode(loadConfig(smpConfig, { folder, flags }).values, { log: silentLogger, version: '0' });
obey({ port: Number(new URL(node.adminUrl).port), chain: credentials.chain, stop: () => node.stop() });
