/** Which charts there are, in the order in which somebody on call would look at them. */
import type { ServiceName } from '@polyplex/admin-api';
import type { Unit } from '../model/format.ts';

export interface ChartLine {
  /** As in a sample, such as `messagesSent` or `send.p99`. */
  readonly name: string;
  readonly label: string;
  readonly dashed?: true;
}

export interface ChartFacts {
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly ChartLine[];
  readonly of?: ServiceName;
  /** For who wants to know more. */
  readonly isMore?: true;
  /** Of the sum over all nodes: what is not a sum, and which it is. */
  readonly whole?: string;
}

const SHARED = 'shared by all nodes';
const SLOWEST = 'of the slowest node';
const LEAST = 'least of any node';

const line = (name: string, label: string): ChartLine => ({ name, label });

export const CHARTS: readonly ChartFacts[] = [
  { of: 'smp', title: 'Messages', unit: 'perSecond', lines: [line('messagesSent', 'Accepted'), line('messagesDelivered', 'Delivered'), line('messagesReceived', 'Acknowledged')] },
  { of: 'xftp', title: 'Traffic', unit: 'bytesPerSecond', lines: [line('bytesUploaded', 'Uploaded'), line('bytesDownloaded', 'Downloaded')] },
  { of: 'ntf', title: 'Notifications', unit: 'perSecond', lines: [line('notificationsReceived', 'From relays'), line('pushesDelivered', 'Pushed'), line('pushesFailed', 'Failed')] },
  { of: 'bot', title: 'Chats', unit: 'perSecond', lines: [line('chatEvents', 'Heard'), line('chatMessages', 'Said'), line('unanswered', 'Not answered')] },
  {
    of: 'smp', title: 'Latency', unit: 'seconds', whole: SLOWEST,
    lines: [line('send.p99', 'SEND p99'), { name: 'send.p50', label: 'SEND p50', dashed: true }, line('store.p99', 'Store p99')],
  },
  {
    of: 'xftp', title: 'Latency', unit: 'seconds', whole: SLOWEST,
    lines: [line('command.p99', 'Command p99'), { name: 'command.p50', label: 'Command p50', dashed: true }, line('store.p99', 'Store p99')],
  },
  {
    of: 'ntf', title: 'Latency', unit: 'seconds', whole: SLOWEST,
    lines: [line('announce.p99', 'Relay to push service p99'), { name: 'push.p50', label: 'Push service p50', dashed: true }, line('store.p99', 'Store p99')],
  },
  {
    of: 'bot', title: 'Latency', unit: 'seconds', whole: SLOWEST,
    lines: [line('event.p99', 'Event p99'), { name: 'event.p50', label: 'Event p50', dashed: true }, line('store.p99', 'Store p99')],
  },
  { title: 'Connections', unit: 'count', lines: [line('connections', 'Open')] },
  { of: 'smp', title: 'Subscriptions', unit: 'count', lines: [line('subscriptions', 'Recipients'), line('notifierSubscriptions', 'Notification servers')] },
  { of: 'xftp', title: 'Transfers', unit: 'count', lines: [line('uploads', 'Uploads'), line('downloads', 'Downloads'), line('transfersWaiting', 'Waiting')] },
  { of: 'ntf', title: 'Relays', unit: 'count', lines: [line('relaysConnected', 'Connected'), line('relaysClaimed', 'Watched'), line('relaysSuspect', 'Suspect')] },
  { of: 'ntf', title: 'Pushes waiting', unit: 'count', lines: [line('pushesQueued', 'In line'), line('pushesInFlight', 'Under way'), line('pushesDue', 'Due')] },
  { of: 'ntf', title: 'Devices', unit: 'count', whole: SHARED, lines: [line('tokens', 'Registered'), line('activeTokens', 'Verified')] },
  { of: 'ntf', isMore: true, title: 'Watched queues', unit: 'count', whole: SHARED, lines: [line('watchedQueues', 'Queues')] },
  { of: 'ntf', isMore: true, title: 'Other pushes', unit: 'perSecond', lines: [line('verificationsDelivered', 'Verification'), line('checksDelivered', 'Periodic'), line('verificationsFailed', 'Verification failed'), line('checksFailed', 'Periodic failed')] },
  { of: 'bot', title: 'Groups', unit: 'count', lines: [line('groupsListed', 'Listed'), line('groupsPending', 'Wait for approval'), line('groupsIncomplete', 'Wait for their owner')] },
  { of: 'bot', title: 'Joining', unit: 'perSecond', lines: [line('joinsAsked', 'Asked'), line('joinsAccepted', 'Let in'), line('captchasFailed', 'Kept out by captchas')] },
  { of: 'bot', title: 'Relays', unit: 'count', lines: [line('ownRelaysConnected', 'Own, connected'), line('ownRelays', 'Own'), line('relays', 'All sessions')] },
  { of: 'bot', title: 'Waiting for relays', unit: 'count', lines: [line('tasks', 'Tasks'), line('queuesWaiting', 'Queues'), line('transfers', 'Files')] },
  { of: 'bot', title: 'People', unit: 'count', lines: [line('contacts', 'Contacts'), line('groupMembers', 'Members')] },
  { of: 'bot', isMore: true, title: 'Captchas', unit: 'perSecond', lines: [line('captchasSent', 'Sent'), line('captchasPassed', 'Passed'), line('captchaProgramFailures', 'Programs failed')] },
  { of: 'bot', isMore: true, title: 'Registrations', unit: 'perSecond', lines: [line('groupsRegistered', 'Registered'), line('groupsApproved', 'Approved')] },
  { of: 'bot', isMore: true, title: 'Suspended groups', unit: 'count', lines: [line('groupsSuspended', 'By administrators'), line('groupsBadRoles', 'Roles changed')] },
  { of: 'bot', isMore: true, title: 'Longest wait for approval', unit: 'seconds', lines: [line('oldestApprovalSeconds', 'Oldest')] },
  { of: 'bot', isMore: true, title: 'Age of the web listing', unit: 'seconds', lines: [line('listingAgeSeconds', 'Age')] },
  { of: 'smp', isMore: true, title: 'Queues', unit: 'count', whole: SHARED, lines: [line('queues', 'Queues')] },
  { of: 'smp', title: 'Messages waiting', unit: 'count', whole: SHARED, lines: [line('messages', 'Messages'), line('notifications', 'Notifications')] },
  { of: 'xftp', isMore: true, title: 'Files', unit: 'count', whole: SHARED, lines: [line('files', 'Files')] },
  { of: 'xftp', title: 'Bytes of files', unit: 'bytes', whole: SHARED, lines: [line('fileBytes', 'Stored'), { name: 'quotaBytes', label: 'Allowed', dashed: true }] },
  { of: 'smp', title: 'Storage room left', unit: 'bytes', whole: LEAST, lines: [line('room.queues', 'Queues')] },
  { of: 'xftp', title: 'Storage room left', unit: 'bytes', whole: LEAST, lines: [line('room.files', 'Records'), line('room.bodies', 'Bodies')] },
  { of: 'ntf', title: 'Storage room left', unit: 'bytes', whole: LEAST, lines: [line('room.tokens', 'Devices')] },
  { of: 'bot', title: 'Storage room left', unit: 'bytes', whole: LEAST, lines: [line('room.records', 'Data')] },
  { of: 'bot', isMore: true, title: 'Size of the data', unit: 'bytes', lines: [line('storeBytes', 'Data')] },
  { of: 'bot', title: 'Failures', unit: 'perSecond', lines: [line('botFailures', 'Events'), line('tasksFailed', 'Tasks given up'), line('adminNoticesLost', 'Notices lost')] },
  { title: 'Errors', unit: 'perSecond', lines: [line('errors', 'All'), line('quotaRefusals', 'Quota'), line('internalErrors', 'Internal')] },
  { isMore: true, title: 'Sockets', unit: 'perSecond', lines: [line('socketsAccepted', 'Accepted'), line('socketsRejected', 'Turned away'), line('handshakeFailures', 'Handshakes failed')] },
  { isMore: true, title: 'Commands', unit: 'perSecond', lines: [line('commands', 'Commands'), line('searches', 'Searches')] },
  { title: 'Processor', unit: 'share', lines: [line('cpuSeconds', 'Of one core')] },
  { isMore: true, title: 'Event-loop lag', unit: 'seconds', whole: SLOWEST, lines: [line('loopLagSeconds', 'p99')] },
  { isMore: true, title: 'Memory', unit: 'bytes', lines: [line('memoryBytes', 'Process'), line('heapBytes', 'Heap in use')] },
  { of: 'smp', isMore: true, title: 'Waiting for slow readers', unit: 'bytes', lines: [line('outboxBytes', 'Outboxes')] },
  { of: 'smp', isMore: true, title: 'Forwarding', unit: 'perSecond', lines: [line('forwardsSent', 'To other relays'), line('forwardsReceived', 'From other relays')] },
];
