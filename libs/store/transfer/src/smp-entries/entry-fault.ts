/** What may be wrong with messages and notifications that were saved, in words that follow "line 7". */
export const ENTRY_FAULTS = {
  LONG: 'is longer than any message',
  CUT: 'is the last one and does not end: the message may be cut short',
  WORD: 'is none of this format',
  FIELDS: 'has too few or too many fields',
  ID: 'has an id that is not 1 to 255 bytes in base64url',
  TIME: 'has a time that is not a number of seconds',
  FLAGS: 'has flags that are neither T nor F',
  BODY: 'has a body that is not base64url, or more than 16088 bytes',
  NONCE: 'has a nonce that is not 24 bytes in base64url',
  META: 'has a content that is not 1 to 255 bytes in base64url',
  NO_QUEUE: 'is for a queue that is not in the log',
  NO_NOTIFIER: 'is for a notifier that is not in the log',
  REPEATED: 'has the id of an earlier one in its queue',
  MARKED: 'comes behind the marker of a full queue',
  FULL: 'is more than its queue holds; the marker of a full queue takes its place',
  STATE: 'has a journal whose state cannot be read',
  JOURNAL: 'has a journal of which a part is missing',
} as const satisfies Readonly<Record<string, string>>;

export type EntryFault = keyof typeof ENTRY_FAULTS;
