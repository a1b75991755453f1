/** A process of its own for the push services of the benchmark, so that their CPU is not the sender's. */
import { startFakeApns, startFakePushService } from '@polyplex/local-cluster';

const apns = await startFakeApns({ keep: false });
const service = await startFakePushService();
const browsers = Array.from({ length: 100 }, () => service.subscribe());
process.send?.({
  apns: { host: apns.host, port: apns.port, root: apns.root, key: apns.key, topic: apns.topic },
  webPush: { root: service.root, devices: browsers.map(({ provider, token }) => ({ provider, token })) },
});
process.on('message', () => process.send?.({ taken: apns.taken, webTaken: service.pushes.length, faults: [...apns.faults, ...service.faults].length }));
