/** What of this library runs in browsers: files, over a connection that the caller dials. Takes the place of `../index.ts` there. */
export { abandonSending } from '../xftp/abandon-sending.ts';
export { deleteFile } from '../xftp/delete-file.ts';
export { XftpFileError } from '../xftp/file-error.ts';
export { receiveFile } from '../xftp/receive-file.ts';
export { sendFile } from '../xftp/send-file.ts';
export { isTemporary, XftpClientError, XftpRefusedError } from '../xftp/xftp-error.ts';
