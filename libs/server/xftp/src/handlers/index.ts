/** Which function handles which command. A command without a handler does not compile. */
import type { XftpCommandTag } from '@polyplex/protocol-xftp';
import type { FileHandler, SessionHandler } from '../context.ts';
import { createFile } from './new.ts';
import { downloadChunk } from './get.ts';
import { uploadChunk } from './put.ts';
import { acknowledgeFile } from './recipient.ts';
import { addRecipients, deleteFile } from './sender.ts';

const ofFile = {
  FADD: addRecipients,
  FPUT: uploadChunk,
  FDEL: deleteFile,
  FGET: downloadChunk,
  FACK: acknowledgeFile,
} satisfies { [T in XftpCommandTag]?: FileHandler<T> };

const ofSession = {
  FNEW: createFile,
  PING: async () => Promise.resolve({ reply: { tag: 'PONG' } as const }),
} satisfies { [T in Exclude<XftpCommandTag, keyof typeof ofFile>]: SessionHandler<T> };

export function fileHandlers(tag: XftpCommandTag): FileHandler<never> {
  return ofFile[tag as keyof typeof ofFile];
}

export function sessionHandlers(tag: XftpCommandTag): SessionHandler<never> {
  return ofSession[tag as keyof typeof ofSession];
}
