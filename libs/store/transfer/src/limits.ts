/** How large the parts of a transfer file are. Readers allow more than writers use, so that these may grow. */

const KIB = 1024;

/** A block ends behind the record that brings it to one of these. */
export const BLOCK_BYTES = 1024 * KIB;
export const BLOCK_RECORDS = 1000;

/** What a reader takes; it holds one block at a time. */
export const MAX_FRAME_BYTES = 1024 * KIB;
export const MAX_BLOCK_BYTES = 4 * BLOCK_BYTES;
export const MAX_BLOCK_RECORDS = 10 * BLOCK_RECORDS;
