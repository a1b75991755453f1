/** What an agent tells its application. Message events come again after a restart until they are acknowledged; offers until they are answered. */
import type { RatchetSync, ReceivingQueue, SendingQueue, StoredEvent } from './records/records.ts';

interface OfConnection {
  readonly connectionId: string;
}

export type AgentEvent =
  /** The other side has answered our invitation: `allow` goes on. */
  | (OfConnection & { readonly type: 'confirmation'; readonly offerId: string; readonly info: Uint8Array })
  /** Somebody asks at our contact address: `accept` or `reject`. */
  | (OfConnection & { readonly type: 'request'; readonly offerId: string; readonly info: Uint8Array })
  /** What the one who invited says of itself. */
  | (OfConnection & { readonly type: 'info'; readonly info: Uint8Array })
  /** Messages go both ways. */
  | (OfConnection & { readonly type: 'connected' })
  | StoredEvent
  /** The other side's relay has the message. */
  | (OfConnection & { readonly type: 'sent'; readonly messageId: number })
  /** It was given up. */
  | (OfConnection & { readonly type: 'not-sent'; readonly messageId: number | null; readonly reason: string })
  /** A message waits, since the other side's queue is full: tried again, at last given up for QUOTA. */
  | (OfConnection & { readonly type: 'full' })
  /** The other side has read its full queue to the end. */
  | (OfConnection & { readonly type: 'room' })
  /** The ratchets do not fit, or fit again. */
  | (OfConnection & { readonly type: 'sync'; readonly state: RatchetSync })
  /** A queue of ours, or of the other side, moves to another relay. `done`: the old one is gone. */
  | (OfConnection & { readonly type: 'switch'; readonly queue: 'receiving'; readonly state: NonNullable<ReceivingQueue['switching']> | 'done' })
  | (OfConnection & { readonly type: 'switch'; readonly queue: 'sending'; readonly state: NonNullable<SendingQueue['switching']> | 'done' })
  /** Something came that is passed over. */
  | (OfConnection & { readonly type: 'ignored'; readonly reason: string });

