export { CHUNK_SIZES, LARGEST_CHUNK_BYTES, singleChunk, splitPayload } from './chunk-sizes.ts';
export { checkCredentials, encodeCommand, readCommand, type XftpCommand, type XftpCommandOf, xftpCommands, type XftpCommandTag } from './commands.ts';
export { AUTH_ERROR, commandError, type XftpError, xftpError, xftpErrorText } from './errors.ts';
export {
  type ChunkReplica, type FileChunk, type FileDescription, type FileParty, type FileRedirect, MAX_DESCRIPTION_BYTES,
} from './file-description.ts';
export { formatFileSize, parseFileSize } from './file-size.ts';
export { type FileDecryptor, type FileDecryptorOptions, createFileDecryptor } from './file-decryptor.ts';
export { type FileEncryptor, type FileEncryptorOptions, createFileEncryptor, FILE_KEY_BYTES } from './file-encryptor.ts';
export { type FileHeader } from './file-header.ts';
export { fileLink, type FileLink, parseFileLink } from './file-link.ts';
export { formatDescription } from './format-description.ts';
export {
  type BareErrorType, bareErrorBlock, CHALLENGE_BYTES, clientHandshake, clientHello, proofContent, readBareError, serverHello,
  type XftpClientHandshake, type XftpClientHello, type XftpServerHello,
} from './handshake.ts';
export { parseDescription } from './parse-description.ts';
export { openRedirect, type RedirectFile, redirectFile } from './redirect.ts';
export {
  encodeReply, errorReply, OK, readReply, replyForVersion, replySuitsEntity, type XftpReply, type XftpReplyOf, type XftpReplyTag,
} from './replies.ts';
export {
  encodeReplyBlock, encodeRequestBlock, readBlock, signedPart, transmissionError, type TransmissionHead, type XftpTransmission,
} from './transmission.ts';
export { BLOCKED_VERSION, LEGACY_VERSION, XFTP_VERSIONS } from './versions.ts';
export { parseWebLink, WEB_REDIRECT_CHARACTERS, webFragment, webLink } from './web-link.ts';
