/**
 * CREATE (SMP §9.4): the whole record of a queue, as compaction writes it. What may be missing comes in one order.
 */
import type { LinkData, Notifier, QueueMode, QueueStatus } from '@polyplex/store-contract';
import { type CreatedQueue, id, named, readDays, readKeys, readLinkData, readNotifier, readSecret, text } from './record-fields.ts';

interface Created {
  readonly queue: CreatedQueue;
  readonly link: LinkData | null;
}

/** `rid rk rdh sid sk`, and then whatever there is. */
export function readCreate([rid, rk, rdh, sid, sk, ...more]: readonly string[]): Created {
  const [rest, senderKey] = [new Rest(more), named(sk, 'sk')];
  const required = {
    recipientId: id(named(rid, 'rid')), recipientKeys: readKeys(named(rk, 'rk')), dhSecret: readSecret(named(rdh, 'rdh')),
    senderId: id(named(sid, 'sid')), senderKey: senderKey === '' ? null : text.key(senderKey, 'KEY'),
  };
  const mode = modeOf(rest);
  const { linkId, link } = linkOf(rest);
  const notifier = notifierOf(rest);
  const updatedAt = rest.take('updated_at');
  const { status, serviceId } = statusAndService(rest);
  rest.end();
  return { link, queue: { days: updatedAt === null ? null : readDays(updatedAt), record: { ...required, mode, linkId, notifier, status, serviceId } } };
}

/** Fields that are taken one after the other. */
class Rest {
  private readonly fields: readonly string[];
  private at = 0;

  constructor(fields: readonly string[]) {
    this.fields = fields;
  }

  /** The value of the next field, if it has this name. */
  take(name: string): string | null {
    if (this.fields[this.at]?.startsWith(`${name}=`) !== true) return null;
    return this.fields[this.at++]!.slice(name.length + 1);
  }

  next(): string {
    return this.fields[this.at++] ?? text.fail('FIELDS');
  }

  /** All up to the first field of this name, or the end. */
  until(name: string): string[] {
    const taken: string[] = [];
    while (this.at < this.fields.length && !this.fields[this.at]!.startsWith(`${name}=`)) taken.push(this.fields[this.at++]!);
    return taken;
  }

  end(): void {
    if (this.at < this.fields.length) text.fail('FIELDS');
  }
}

/** In older logs whether the sender may secure the queue, which said the same. */
function modeOf(rest: Rest): QueueMode {
  const mode = rest.take('queue_mode');
  if (mode !== null) return mode === 'M' || mode === 'C' ? mode : text.fail('MODE');
  const canSecure = rest.take('sndSecure');
  if (canSecure === null) return null;
  return canSecure === 'T' ? 'M' : canSecure === 'F' ? 'C' : text.fail('MODE');
}

function linkOf(rest: Rest): { readonly linkId: Uint8Array | null; readonly link: LinkData | null } {
  const linkId = rest.take('link_id');
  if (linkId === null) return { linkId: null, link: null };
  const fixedData = rest.take('queue_data') ?? text.fail('FIELDS');
  return { linkId: id(linkId), link: readLinkData([fixedData, rest.next()]) };
}

function notifierOf(rest: Rest): Notifier | null {
  const notifierId = rest.take('notifier');
  if (notifierId === null) return null;
  const [key, secret, service] = [rest.next(), rest.next(), rest.take('nsrv')];
  return readNotifier([notifierId, key, secret, ...(service === null ? [] : [`nsrv=${service}`])]);
}

/** The reference cannot read a service behind a notice, and loses the queue; here it is found. */
function statusAndService(rest: Rest): { readonly status: QueueStatus; readonly serviceId: Uint8Array | null } {
  const first = rest.take('status');
  const status = first === null ? { state: 'active' as const } : text.status([first, ...rest.until('rsrv')].join(' '), 'STATUS');
  const service = rest.take('rsrv');
  return { status, serviceId: service === null ? null : id(service) };
}
