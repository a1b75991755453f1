/** Where devices, subscriptions and what is due to them are kept (NTF §6.1). */
import { choice, optionalPath, section, text } from '@polyplex/config';
import { isKeyPrefix, KEY_PREFIX } from '@polyplex/node';

export const ntfStorage = section('Where the push proxy keeps devices, the queues that they watch, and pushes that are due.', {
  engine: choice({
    of: ['embedded', 'redis'], default: 'embedded',
    describe: '`embedded`: in a folder of this machine, for one process, with nothing to install. `redis`: in the Redis of section `redis`, for any number of nodes, which share the relays between them.',
  }),
  dataDir: optionalPath({ describe: 'Folder in which the embedded engine keeps everything under `ntf`; made when missing. None is that of `storage.dataDir`.' }),
  redisPrefix: text({ default: 'ntf', matches: isKeyPrefix, allowed: KEY_PREFIX, describe: 'What the names of all keys of the push proxy begin with; it must differ from `redis.prefix` and `xftpStorage.redisPrefix`.' }),
});
