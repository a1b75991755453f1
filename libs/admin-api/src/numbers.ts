/**
 * The numbers of an overview: their names, what they are called for people, and their units. `of` says which server, or the
 * directory bot, has them. Counters only grow, from 0 at the start of the node; gauges go up and down, and are null where they are not known.
 */
export type ServiceName = 'smp' | 'xftp' | 'ntf' | 'bot';
export type Unit = 'count' | 'bytes' | 'seconds';

export interface NumberFacts {
  readonly of: readonly ServiceName[];
  readonly label: string;
  readonly unit: Unit;
}

const SMP: readonly ServiceName[] = ['smp'];
const XFTP: readonly ServiceName[] = ['xftp'];
const NTF: readonly ServiceName[] = ['ntf'];
const BOT: readonly ServiceName[] = ['bot'];
const ALL: readonly ServiceName[] = ['smp', 'xftp', 'ntf', 'bot'];
/** Whom clients connect to. */
const SERVERS: readonly ServiceName[] = ['smp', 'xftp', 'ntf'];
/** Whose clients speak in blocks. */
const IN_BLOCKS: readonly ServiceName[] = ['smp', 'ntf'];

export const COUNTERS = {
  cpuSeconds: { of: ALL, label: 'Processor time of the process', unit: 'seconds' },
  socketsAccepted: { of: SERVERS, label: 'Sockets accepted', unit: 'count' },
  socketsRejected: { of: SERVERS, label: 'Sockets turned away', unit: 'count' },
  handshakeFailures: { of: SERVERS, label: 'Handshakes failed', unit: 'count' },
  commands: { of: ALL, label: 'Commands', unit: 'count' },
  errors: { of: SERVERS, label: 'Commands answered with an error', unit: 'count' },
  internalErrors: { of: SERVERS, label: 'Commands answered ERR INTERNAL', unit: 'count' },
  storeErrors: { of: SERVERS, label: 'Commands that the store failed', unit: 'count' },
  quotaRefusals: { of: SERVERS, label: 'Commands answered ERR QUOTA', unit: 'count' },
  messagesSent: { of: SMP, label: 'Messages accepted from senders', unit: 'count' },
  messagesDelivered: { of: SMP, label: 'Messages delivered', unit: 'count' },
  messagesReceived: { of: SMP, label: 'Messages acknowledged', unit: 'count' },
  messagesExpired: { of: SMP, label: 'Messages expired', unit: 'count' },
  notificationsSent: { of: SMP, label: 'Notifications sent', unit: 'count' },
  queuesCreated: { of: SMP, label: 'Queues created', unit: 'count' },
  queuesDeleted: { of: SMP, label: 'Queues deleted', unit: 'count' },
  forwardsSent: { of: SMP, label: 'Commands forwarded to other relays', unit: 'count' },
  forwardsReceived: { of: SMP, label: 'Commands forwarded by other relays', unit: 'count' },
  wordsLost: { of: SMP, label: 'Wake-ups to other nodes lost', unit: 'count' },
  filesCreated: { of: XFTP, label: 'Files created', unit: 'count' },
  filesUploaded: { of: XFTP, label: 'Files uploaded', unit: 'count' },
  filesExpired: { of: XFTP, label: 'Files expired', unit: 'count' },
  filesDeleted: { of: XFTP, label: 'Files deleted', unit: 'count' },
  fileDownloads: { of: XFTP, label: 'Downloads', unit: 'count' },
  bytesUploaded: { of: XFTP, label: 'Bytes uploaded', unit: 'bytes' },
  bytesDownloaded: { of: XFTP, label: 'Bytes downloaded', unit: 'bytes' },
  tokensCreated: { of: NTF, label: 'Devices registered', unit: 'count' },
  tokensVerified: { of: NTF, label: 'Devices verified', unit: 'count' },
  tokensDeleted: { of: NTF, label: 'Devices deleted', unit: 'count' },
  subscriptionsCreated: { of: NTF, label: 'Queues watched anew', unit: 'count' },
  notificationsReceived: { of: NTF, label: 'Notifications from relays', unit: 'count' },
  notificationsUnwanted: { of: NTF, label: 'Notifications that no device waits for', unit: 'count' },
  pushesDelivered: { of: NTF, label: 'Message pushes delivered', unit: 'count' },
  pushesFailed: { of: NTF, label: 'Message pushes failed', unit: 'count' },
  verificationsDelivered: { of: NTF, label: 'Verification pushes delivered', unit: 'count' },
  verificationsFailed: { of: NTF, label: 'Verification pushes failed', unit: 'count' },
  checksDelivered: { of: NTF, label: 'Periodic pushes delivered', unit: 'count' },
  checksFailed: { of: NTF, label: 'Periodic pushes failed', unit: 'count' },
  chatEvents: { of: BOT, label: 'Messages and other events from contacts and members', unit: 'count' },
  chatMessages: { of: BOT, label: 'Messages to contacts and members', unit: 'count' },
  searches: { of: BOT, label: 'Searches', unit: 'count' },
  unanswered: { of: BOT, label: 'Messages that were not answered', unit: 'count' },
  groupsRegistered: { of: BOT, label: 'Groups registered', unit: 'count' },
  groupsApproved: { of: BOT, label: 'Groups approved', unit: 'count' },
  joinsAsked: { of: BOT, label: 'People who asked to join by links of the bot', unit: 'count' },
  joinsAccepted: { of: BOT, label: 'People whom the bot let in', unit: 'count' },
  captchasSent: { of: BOT, label: 'Captchas sent', unit: 'count' },
  captchasPassed: { of: BOT, label: 'Captchas passed', unit: 'count' },
  captchasFailed: { of: BOT, label: 'People whom captchas kept out', unit: 'count' },
  captchaProgramFailures: { of: BOT, label: 'Programs for captchas that failed', unit: 'count' },
  adminNoticesLost: { of: BOT, label: 'Notices to administrators without rights', unit: 'count' },
  botFailures: { of: BOT, label: 'Events whose handling failed', unit: 'count' },
  tasksFailed: { of: BOT, label: 'Tasks given up', unit: 'count' },
} as const satisfies Readonly<Record<string, NumberFacts>>;

export const GAUGES = {
  connections: { of: SERVERS, label: 'Connections', unit: 'count' },
  handshakes: { of: SERVERS, label: 'Handshakes in flight', unit: 'count' },
  memoryBytes: { of: ALL, label: 'Memory of the process', unit: 'bytes' },
  heapBytes: { of: ALL, label: 'JavaScript heap in use', unit: 'bytes' },
  loopLagSeconds: { of: ALL, label: 'Event-loop lag, p99', unit: 'seconds' },
  sessions: { of: IN_BLOCKS, label: 'Sessions', unit: 'count' },
  subscriptions: { of: SMP, label: 'Subscriptions', unit: 'count' },
  notifierSubscriptions: { of: SMP, label: 'Subscriptions of notification servers', unit: 'count' },
  relays: { of: ['smp', 'bot'], label: 'Sessions with other relays', unit: 'count' },
  outboxBytes: { of: SMP, label: 'Bytes waiting for slow readers', unit: 'bytes' },
  queues: { of: SMP, label: 'Queues', unit: 'count' },
  messages: { of: SMP, label: 'Messages waiting', unit: 'count' },
  notifiers: { of: SMP, label: 'Notifiers', unit: 'count' },
  notifications: { of: SMP, label: 'Notifications waiting', unit: 'count' },
  requests: { of: XFTP, label: 'Requests under way', unit: 'count' },
  uploads: { of: XFTP, label: 'Uploads under way', unit: 'count' },
  downloads: { of: XFTP, label: 'Downloads under way', unit: 'count' },
  transfersWaiting: { of: XFTP, label: 'Transfers waiting for a place', unit: 'count' },
  files: { of: XFTP, label: 'Files', unit: 'count' },
  fileBytes: { of: XFTP, label: 'Bytes of files', unit: 'bytes' },
  quotaBytes: { of: XFTP, label: 'Bytes that files may have', unit: 'bytes' },
  tokens: { of: NTF, label: 'Devices', unit: 'count' },
  activeTokens: { of: NTF, label: 'Devices that get pushes', unit: 'count' },
  watchedQueues: { of: NTF, label: 'Watched queues', unit: 'count' },
  relaysClaimed: { of: NTF, label: 'Relays that this node watches', unit: 'count' },
  relaysConnected: { of: NTF, label: 'Relays connected', unit: 'count' },
  relaysSuspect: { of: NTF, label: 'Relays that seem to have moved or died', unit: 'count' },
  pushesDue: { of: NTF, label: 'Devices with something due', unit: 'count' },
  pushesQueued: { of: NTF, label: 'Pushes in line', unit: 'count' },
  pushesInFlight: { of: NTF, label: 'Pushes under way', unit: 'count' },
  oldestDueSeconds: { of: NTF, label: 'Age of the oldest push that nobody works on', unit: 'seconds' },
  ownRelays: { of: BOT, label: 'Relays that the bot\'s queues are at', unit: 'count' },
  ownRelaysConnected: { of: BOT, label: 'Of those, connected', unit: 'count' },
  contacts: { of: BOT, label: 'Contacts', unit: 'count' },
  groups: { of: BOT, label: 'Groups that the bot is or was in', unit: 'count' },
  groupMembers: { of: BOT, label: 'Members of all groups', unit: 'count' },
  groupsListed: { of: BOT, label: 'Groups on the list', unit: 'count' },
  groupsPending: { of: BOT, label: 'Groups that wait for approval', unit: 'count' },
  groupsIncomplete: { of: BOT, label: 'Registrations that wait for their owner', unit: 'count' },
  groupsSuspended: { of: BOT, label: 'Groups suspended by administrators', unit: 'count' },
  groupsBadRoles: { of: BOT, label: 'Groups suspended because roles changed', unit: 'count' },
  oldestApprovalSeconds: { of: BOT, label: 'Age of the oldest registration that waits for approval', unit: 'seconds' },
  admins: { of: BOT, label: 'Administrators in the settings', unit: 'count' },
  adminsWithoutRights: { of: BOT, label: 'Of those, no contact of that number and name', unit: 'count' },
  tasks: { of: BOT, label: 'Tasks that wait for relays', unit: 'count' },
  queuesWaiting: { of: BOT, label: 'Queues with something that waits for their relay', unit: 'count' },
  transfers: { of: BOT, label: 'Files under way', unit: 'count' },
  listingAgeSeconds: { of: BOT, label: 'Age of the web listing', unit: 'seconds' },
  storeBytes: { of: BOT, label: 'Bytes of the bot\'s data', unit: 'bytes' },
} as const satisfies Readonly<Record<string, NumberFacts>>;

/** Distributions of the last minute or so. */
export const LATENCIES = {
  command: { of: SERVERS, label: 'A command, from its block to its answer', unit: 'seconds' },
  send: { of: SMP, label: 'SEND, from its block to its answer', unit: 'seconds' },
  store: { of: ALL, label: 'A step of the store', unit: 'seconds' },
  acknowledge: { of: SMP, label: 'From delivery to acknowledgement', unit: 'seconds' },
  announce: { of: NTF, label: 'From a relay\'s notification to the push service\'s yes', unit: 'seconds' },
  push: { of: NTF, label: 'A push service\'s answer', unit: 'seconds' },
  event: { of: BOT, label: 'An event, in its transaction', unit: 'seconds' },
} as const satisfies Readonly<Record<string, NumberFacts>>;

export type CounterName = keyof typeof COUNTERS;
export type GaugeName = keyof typeof GAUGES;
export type LatencyName = keyof typeof LATENCIES;
