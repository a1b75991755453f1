/** What may be wrong with a line of the log: it is told by its number, and passed over. */

/** In words that follow "line 7". */
export const LINE_FAULTS = {
  LONG: 'is longer than any record',
  WORD: 'begins with no word of this log',
  FIELDS: 'has too few or too many fields',
  ID: 'has an id that is not 1 to 255 bytes in base64url',
  KEY: 'has a key that is no public key for signatures',
  SIZE: 'has a size that is not a number of bytes above 0',
  DIGEST: 'has a digest that is not 1 to 255 bytes in base64url',
  TIME: 'has a time that is not a number of seconds',
  STATUS: 'has a status that is not active, off or blocked',
  BLOCKING: 'blocks a file without telling why',
  PATH: 'has a path that names no file',
  REPEATED: 'makes a file that is there already',
  NO_FILE: 'names a file that is not there',
  HAS_BODY: 'gives a body to a file that has one',
  NOT_ACTIVE: 'gives a body to a file that is blocked or off, and has none any more',
  TAKEN: 'adds recipients some of whom are there already; the others are taken',
  NO_RECIPIENT: 'removes a recipient who is not there',
} as const satisfies Readonly<Record<string, string>>;

export type LineFault = keyof typeof LINE_FAULTS;
