/** What goes wrong in the browser itself. */
import { CodedError } from '@polyplex/base';

export type WebFileErrorCode =
  | 'LINK' // the fragment names no file
  | 'SERVER' // not the address of a file server
  | 'FILE' // the file to send cannot be read
  | 'SIZE' // more than a browser holds
  | 'GONE'; // nothing is left to delete

export class WebFileError extends CodedError<WebFileErrorCode> {
  override readonly name = 'WebFileError';
}
