/** Where bodies lie: one object each, `<prefix>/<body id>` in the bucket. */
import { storeError } from '@polyplex/store-common';

const BODY_ID = /^[\w-]{1,64}$/;
/** No body id has a dot. */
const CHECK_NAME = '.check';

export class Place {
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
  /** The object that a check writes. */
  readonly checkKey: string;

  constructor(bucket: string, prefix: string) {
    const parts = prefix.split('/').filter((part) => part !== '');
    this.bucket = bucket;
    this.prefix = parts.map((part) => `${part}/`).join('');
    this.checkKey = this.prefix + CHECK_NAME;
  }

  /** Throws for what is no body id: a name must never lead out of the prefix. */
  keyOf(bodyId: string): string {
    if (!BODY_ID.test(bodyId)) throw storeError('FAILED', undefined, 'not a body id');
    return this.prefix + bodyId;
  }

  /** Null for an object that is none of the store's. */
  bodyIdOf(key: string): string | null {
    const name = key.slice(this.prefix.length);
    return key.startsWith(this.prefix) && BODY_ID.test(name) ? name : null;
  }
}
