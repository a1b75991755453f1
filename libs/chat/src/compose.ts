/** Messages of ours: what they are made of, whether they wake devices, and whether a host passes them on (directory §1.6, §2.4). */
import { CHAT_VERSIONS, connInfoBody, type EventName, formatMessage, messageBody, type SentEvent } from '@polyplex/protocol-chat';
import type { VersionRange } from '@polyplex/protocol-common';
import { ChatError } from './chat-error.ts';
import type { OutgoingMessage } from './records/records.ts';

const WAKING: ReadonlySet<EventName> = new Set(['x.msg.new', 'x.file', 'x.contact', 'x.grp.inv', 'x.grp.mem.fwd', 'x.grp.del']);

const FORWARDABLE: ReadonlySet<EventName> = new Set([
  'x.msg.new', 'x.msg.file.descr', 'x.msg.update', 'x.msg.del', 'x.msg.react', 'x.file.cancel', 'x.info', 'x.grp.mem.new', 'x.grp.mem.role', 'x.grp.mem.restrict',
  'x.grp.mem.del', 'x.grp.leave', 'x.grp.del', 'x.grp.info', 'x.grp.prefs',
]);

/** Whether an admin who introduced two members passes it on between them. */
export function isForwardable({ event, params }: { readonly event: EventName | 'unknown'; readonly params: object }): boolean {
  if (event === 'unknown' || !FORWARDABLE.has(event)) return false;
  return event !== 'x.msg.new' || (params as { readonly file?: { readonly fileInline?: string } }).file?.fileInline === undefined;
}

/** The JSON text of a message; group events that are forwarded need an id, by which copies are known. */
export function textOf(event: SentEvent, msgId?: string): string {
  return formatMessage({ ...event, versions: CHAT_VERSIONS, ...(msgId === undefined ? {} : { msgId }) });
}

export function outgoing(event: SentEvent, msgId?: string): OutgoingMessage {
  return { text: textOf(event, msgId), event: event.event, notify: WAKING.has(event.event), isForwardable: isForwardable(event) };
}

/** What goes with a handshake. Throws TOO_LARGE. */
export function infoOf(event: SentEvent, postQuantum: boolean): Uint8Array {
  return infoBody(textOf(event), postQuantum);
}

/** The peer's versions are not known yet: post-quantum connections begin with peers that know compression. */
export function infoBody(text: string, postQuantum: boolean): Uint8Array {
  return fitting(() => connInfoBody(text, { postQuantum, peerMax: CHAT_VERSIONS.max }));
}

/** Throws TOO_LARGE. */
export function bodyOf(text: string, { postQuantum, versions }: { readonly postQuantum: boolean; readonly versions: VersionRange }): Uint8Array {
  return fitting(() => messageBody(text, { postQuantum, peerMax: versions.max }));
}

function fitting<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new ChatError('TOO_LARGE', 'it does not fit a message', { cause: error });
  }
}
