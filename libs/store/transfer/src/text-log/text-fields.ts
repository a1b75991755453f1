/** The fields of a line, in the text encodings of SMP §1.3 and XFTP §1.2. Bytes that are read have memory of their own. */
import { CodedError, fromBase64Url } from '@polyplex/base';
import { decodePublicKey, type PublicKey } from '@polyplex/crypto';
import { type BlockingInfo, parseBlockingInfo } from '@polyplex/protocol-common';
import type { QueueStatus } from '@polyplex/store-contract';

const MAX_SHORT_BYTES = 255;
const DECIMAL = /^\d{1,15}$/;
const BLOCKED = 'blocked,';

/** Thrown and caught here alone. */
class FieldFault extends CodedError {}

/** Readers of fields; each is told what is wrong with a line whose field it cannot read. */
export class TextFields<Fault extends string> {
  /** What `read` answers, or the fault that one of these readers met. */
  attempt<T>(read: () => T): T | Fault {
    try {
      return read();
    } catch (error) {
      // Only `fail` makes these.
      if (error instanceof FieldFault) return error.code as Fault;
      throw error;
    }
  }

  fail(fault: Fault): never {
    throw new FieldFault(fault, 'the line is wrong');
  }

  exactly(count: number, fields: readonly string[], fault: Fault): readonly string[] {
    return fields.length === count ? fields : this.fail(fault);
  }

  /** 1 to `max` bytes. */
  bytes(text: string | undefined, max: number, fault: Fault): Uint8Array {
    const bytes = fromBase64Url(text ?? '');
    return bytes === null || bytes.length > max ? this.fail(fault) : bytes;
  }

  short(text: string | undefined, fault: Fault): Uint8Array {
    return this.bytes(text, MAX_SHORT_BYTES, fault);
  }

  /** No party of a server has a key that only agrees on secrets of 56 bytes. */
  key(text: string | undefined, fault: Fault): PublicKey {
    const decoded = decodePublicKey(this.short(text, fault));
    return decoded === null || decoded.kind === 'x448' ? this.fail(fault) : decoded;
  }

  number(text: string | undefined, max: number, fault: Fault): number {
    const value = DECIMAL.test(text ?? '') ? Number(text) : NaN;
    return value <= max ? value : this.fail(fault);
  }

  blocking(text: string, fault: Fault): BlockingInfo {
    return parseBlockingInfo(text) ?? this.fail(fault);
  }

  /** `active`, `off`, or `blocked` with its reason. */
  status(text: string, fault: Fault): QueueStatus {
    if (text === 'active' || text === 'off') return { state: text };
    return text.startsWith(BLOCKED) ? { state: 'blocked', info: this.blocking(text.slice(BLOCKED.length), fault) } : this.fail(fault);
  }
}
