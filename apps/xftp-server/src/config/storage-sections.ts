/** Where files are kept, how much of them, and for how long (XFTP §5.2, §5.4, §7.2 FILES and STORE_LOG). */
import { choice, optionalPath, optionalSize, optionalText, section, size, text, toggle } from '@polyplex/config';
import { isKeyPrefix, KEY_PREFIX } from '@polyplex/node';

export const xftpStorage = section('Where the file server keeps files.', {
  engine: choice({
    of: ['embedded', 'redis-s3'], default: 'embedded',
    describe: '`embedded`: in a folder of this machine, for one process, with nothing to install. `redis-s3`: records in the Redis of section `redis` and bodies in the bucket of section `s3`, for any number of nodes.',
  }),
  dataDir: optionalPath({ describe: 'Folder in which the embedded engine keeps everything under `xftp`; made when missing. None is that of `storage.dataDir`.' }),
  quota: optionalSize({ min: '64KiB', max: '8191TiB', describe: 'Most bytes that all files together may have; with more, uploads are answered QUOTA. None is as much as there is room for.' }),
  reserve: size({ default: '2GiB', min: '0', max: '1024TiB', describe: 'Free space of the disk that uploads leave alone, so that files never take the room of the relay, logs and system. For the embedded engine; a bucket does not tell its room.' }),
  redisPrefix: text({ default: 'xftp', matches: isKeyPrefix, allowed: KEY_PREFIX, describe: 'What the names of all keys of the file server begin with; it must differ from `redis.prefix`.' }),
});

/** What S3 takes as the name of a bucket. */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/;
/** Folders in a bucket. */
const KEY_START = /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;

function isEndpoint(text: string): boolean {
  return /^https?:\/\/[^\s/?#@]+\/?$/.test(text) && URL.canParse(text);
}

export const s3 = section('The S3-compatible storage that keeps the bodies of files when `xftpStorage.engine` is `redis-s3`. The bucket must exist; nothing else should write under the prefix.', {
  endpoint: optionalText({ matches: isEndpoint, allowed: '`https://host` or `http://host:port`', describe: 'Where the storage is reached; none is Amazon\'s for the region.' }),
  region: text({ default: 'us-east-1', matches: (name) => /^[A-Za-z0-9-]{1,64}$/.test(name), allowed: 'letters, digits and `-`', describe: 'Region of the bucket; others than Amazon mostly take any.' }),
  bucket: optionalText({ matches: (name) => BUCKET.test(name), allowed: 'the name of a bucket, 3 to 63 small letters, digits, `.` and `-`', describe: 'Name of the bucket.' }),
  prefix: optionalText({ matches: (text) => KEY_START.test(text), allowed: 'a name, or several with `/` between them', describe: 'The folder in the bucket that keeps the bodies; none is the whole bucket. File servers with different ones can share a bucket.' }),
  pathStyle: toggle({ default: true, describe: 'Whether the bucket is named in the path (`https://host/bucket`), as MinIO, Garage, SeaweedFS and Ceph want it, and not in the host name.' }),
  accessKeyId: optionalText({ describe: 'Id of the access key.' }),
  secretAccessKeyFile: optionalPath({ describe: 'File with the secret of the access key.' }),
});
