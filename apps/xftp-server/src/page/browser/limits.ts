/** What the page takes on (XFTP §4.7). */

/** A file is encrypted in memory before it is sent. */
export const MAX_UPLOAD_MIB = 100;
