/** What may be wrong with a line of the queue log, in words that follow "line 7". */
export const QUEUE_LINE_FAULTS = {
  LONG: 'is longer than any record',
  CUT: 'is the last one and does not end: what it would say may be cut short',
  WORD: 'begins with no word of this log',
  FIELDS: 'has too few or too many fields, or others than it should',
  ID: 'has an id that is not 1 to 255 bytes in base64url',
  KEY: 'has a key that is no public key for authorisation',
  KEYS: 'has no key of a recipient, or more than 255',
  SECRET: 'has a secret that is not 32 bytes in base64url',
  MODE: 'has a mode that is neither M nor C',
  LINK: 'has link data that is not 1 to 16384 bytes in base64url',
  STATUS: 'has a status that is not active, off or blocked',
  BLOCKING: 'blocks a queue without telling why',
  TIME: 'has a time that is not a number of seconds',
  SERVICE: 'has a service without role, certificates or their hash',
  REPEATED: 'makes what is there already',
  TAKEN: 'has an id that is another queue\'s',
  NO_QUEUE: 'names a queue that is not there',
  SECURED: 'secures a queue that another key has secured',
  OTHER_LINK: 'gives link data to a queue that has some under another id',
  NO_NOTIFIER: 'gives a service to a queue without notifier',
  NO_SERVICE: 'names a service that is not there; the queue has none',
} as const satisfies Readonly<Record<string, string>>;

export type QueueLineFault = keyof typeof QUEUE_LINE_FAULTS;
