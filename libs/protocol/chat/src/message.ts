/** One JSON message of the chat protocol (directory §1.2). */
import { DecodeError } from '@polyplex/codec';
import type { VersionRange } from '@polyplex/protocol-common';
import type { ProtocolEvent, SentEvent } from './event.ts';
import { eventFormats } from './event-format.ts';
import { id } from './ids.ts';
import { isTooDeep } from './json-depth.ts';
import { anyObject, type JsonCodec, type JsonObject, optional, record, text } from './json-codec.ts';
import { FIRST_CHAT_VERSION, versionText } from './versions.ts';

/** What came: `event` and `params` beside what they came with. */
export type ReceivedMessage = ProtocolEvent & {
  /** Of the sender; 1 where it says none. */
  readonly versions: VersionRange;
  readonly msgId: string | null;
  readonly json: JsonObject;
};

/** What is sent; an absent `msgId` is one without. */
export type SentMessage = SentEvent & { readonly versions: VersionRange; readonly msgId?: string };

/** Why something is not read: for counting, without anything of what it said. */
export interface Fault {
  readonly kind: 'fault';
  readonly reason: string;
}

export type ParsedMessage = { readonly kind: 'message'; readonly message: ReceivedMessage } | Fault;

interface Envelope {
  readonly v?: VersionRange;
  readonly msgId?: string;
  readonly event: string;
  readonly params: JsonObject;
}

const envelope = record<Envelope>({ v: optional(versionText), msgId: optional(id), event: text, params: anyObject });
const formats: ReadonlyMap<string, JsonCodec<unknown>> = new Map(Object.entries(eventFormats));

function readMessage(json: JsonObject): ReceivedMessage {
  const { v = FIRST_CHAT_VERSION, msgId = null, event, params } = envelope.read(json);
  const format = formats.get(event);
  const around = { versions: v, msgId, json };
  if (format === undefined) return { event: 'unknown', name: event, params, ...around };
  return { event, params: format.read(params), ...around } as ReceivedMessage;
}

export function fault(reason: string): Fault {
  return { kind: 'fault', reason };
}

/** Never throws: what cannot be read is a fault, which names the field. */
export function parseMessage(given: string | JsonObject): ParsedMessage {
  const json = typeof given === 'string' ? parseJson(given) : given;
  try {
    return { kind: 'message', message: readMessage(anyObject.read(json)) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return fault(error.path === '' ? error.reason : `${error.path}: ${error.reason}`);
  }
}

/** The `msg` of an `x.grp.msg.forward`, which may be none itself (directory §2.4). */
export function parseForwarded(json: JsonObject): ParsedMessage {
  const parsed = parseMessage(json);
  return parsed.kind === 'message' && parsed.message.event === 'x.grp.msg.forward' ? fault('forward in a forward') : parsed;
}

/** Undefined where the text is no JSON, or nests so deep that writing it again would not end well. */
export function parseJson(source: string): unknown {
  if (isTooDeep(source)) return undefined;
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}

/** The text of a message. Sizes are the business of `messageBody`. */
export function formatMessage({ versions, msgId, event, params }: SentMessage): string {
  const format: JsonCodec<never> = eventFormats[event] as JsonCodec<never>;
  const sent: Envelope = { v: versions, ...(msgId === undefined ? {} : { msgId }), event, params: format.write(params as never) as JsonObject };
  return JSON.stringify(envelope.write(sent));
}
