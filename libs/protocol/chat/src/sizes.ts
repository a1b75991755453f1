/** What fits where (directory §1.4). */

/** A message or a batch, not compressed. */
export const MAX_MESSAGE_BYTES = 15_602;
/** The same on a post-quantum connection, after compression. */
export const MAX_POST_QUANTUM_MESSAGE_BYTES = 13_380;
/** What travels with a handshake. */
export const MAX_CONN_INFO_BYTES = 14_694;
export const MAX_POST_QUANTUM_CONN_INFO_BYTES = 10_968;
/** Of one body, all its blocks together. */
export const MAX_DECOMPRESSED_BYTES = 65_536;
/** Of a block that is not worth compressing. */
export const MAX_PASSTHROUGH_BYTES = 180;
/** Apps make images of profiles that small; receivers do not insist. */
export const MAX_PROFILE_IMAGE_CHARACTERS = 12_500;
export const MAX_SHORT_DESCRIPTION_CHARACTERS = 160;
/** JSON in a link's user data, from which on it is compressed. */
export const MAX_PLAIN_LINK_DATA_BYTES = 10_240;
/** Text in one part of a file's description. */
export const MAX_FILE_DESCRIPTION_CHARACTERS = 14_000;
