/** What can go wrong with a whole file, apart from its servers. Messages hold no names, ids or keys. */
import { CodedError } from '@polyplex/base';

export type XftpFileErrorCode =
  | 'PARTY' // a recipient's description where a sender's is needed, or the reverse
  | 'REDIRECT' // what the description leads to is no description, not the announced one, or leads on
  | 'SIZE' // the file has another size than its description says
  | 'DIGEST' // the file is not the one that its description names
  | 'CRYPTO' // the key does not open the file
  | 'TOO_LARGE' // more than can be sent
  | 'CHANGED' // the file to send is not the one that was begun with, or changed while it was read
  | 'JOURNAL' // the state of a transfer cannot be read, or belongs to another one
  | 'PLAN'; // it cannot be sent like that: servers, recipients or name

export class XftpFileError extends CodedError<XftpFileErrorCode> {
  override readonly name = 'XftpFileError';
}
