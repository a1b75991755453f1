/**
 * Pushes a second, and CPU per push of the sending process: sealing and HTTP, against push services in another process that
 * check every push. `node libs/push/bench/pushes.ts`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { boxKeyOf, randomBytes } from '@polyplex/crypto';
import { messagePushData } from '@polyplex/protocol-ntf';
import { publicRoots } from '@polyplex/transport-tls';
import { createPushSender, generateSigningKey, type Push, readApnsKey, readVapidKey } from '../src/index.ts';

interface Services {
  readonly apns: { readonly host: string; readonly port: number; readonly root: string; readonly topic: string; readonly key: { readonly pem: string; readonly keyId: string; readonly teamId: string } };
  readonly webPush: { readonly root: string; readonly devices: readonly { readonly provider: string; readonly token: string }[] };
}

const SECONDS = 8;
const AT_ONCE = 200;
const key = boxKeyOf(randomBytes(32));
const item = { relay: 'smp://zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw=@relay.example.org', notifierId: randomBytes(24), nonce: randomBytes(24), meta: randomBytes(144), receivedAt: Date.now() };

const child = fork(new URL('push-service.ts', import.meta.url));
const [services] = (await once(child, 'message')) as [Services];
const sender = createPushSender({
  apns: { key: readApnsKey({ ...services.apns.key, file: 'apns.p8' }), topic: services.apns.topic, environments: { apns_test: services.apns }, roots: publicRoots(services.apns.root) },
  webPush: { vapid: readVapidKey(generateSigningKey(), 'v'), subject: 'mailto:a@example.org', allowAddress: () => true, roots: publicRoots(services.webPush.root) },
});

/** With `paddedBytes` as the push service has it. */
async function run(name: string, paddedBytes: number, next: (at: number) => Pick<Push, 'provider' | 'token'>): Promise<void> {
  const end = performance.now() + SECONDS * 1000;
  const cpu = process.cpuUsage();
  let sent = 0;
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      const data = { ...messagePushData(Array.from({ length: 6 }, () => item), { key, nonce: randomBytes(24), paddedBytes }) };
      const answer = await sender.send({ ...next(sent), kind: 'message', data });
      if (answer.result !== 'delivered') throw new Error(JSON.stringify(answer));
      sent += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  const { user, system } = process.cpuUsage(cpu);
  const micros = (user + system) / sent;
  console.log(`${name}: ${Math.round(sent / SECONDS)} pushes a second; ${Math.round(micros)} µs of CPU each, which is ${Math.round(1e6 / micros)} a second and core`);
}

await run('APNs', 3072, (at) => ({ provider: 'apns_test', token: `device${at % 1000}` }));
await run('Web Push', 2928, (at) => services.webPush.devices[at % services.webPush.devices.length]!);
child.send('count');
console.log('as the services count:', (await once(child, 'message'))[0]);
await sender.close();
child.kill();
