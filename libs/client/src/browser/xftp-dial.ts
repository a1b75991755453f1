/** Browsers open no sockets: whoever connects there brings a `dial`. */
import { CodedError } from '@polyplex/base';
import type { XftpDial } from '../xftp/xftp-dial.ts';

/** Always rejects, as an address does that has no host which can be reached. */
export function http2Dial(): XftpDial {
  return () => Promise.reject(new CodedError('HOST', 'a browser has no sockets'));
}
