/** Starts parts, says which, and waits to be killed. */
import { startHaproxy, startRedis } from '../src/index.ts';

const redis = await startRedis();
const haproxy = await startHaproxy({ backends: [] });
redis.pause();
console.log(JSON.stringify({ pids: [redis.pid, haproxy.pid], folder: redis.folder }));
setInterval(() => undefined, 1000);
