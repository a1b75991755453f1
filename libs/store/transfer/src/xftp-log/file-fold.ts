/** What the records of a log come to, taken in their order (XFTP §5.8, §5.1). */
import { harmless, losing, type RecordFault } from '../text-log/bad-line.ts';
import { Blocks } from '../text-log/blocks.ts';
import { FILE_ID_AT, FileBlocks, type LoggedFile, RECIPIENT_ID_AT } from './file-blocks.ts';
import { IdIndex } from '../text-log/id-index.ts';
import type { LineFault } from './line-fault.ts';
import type { LogRecord } from './log-record.ts';

type Fault = RecordFault<LineFault>;

export class FileFold {
  private readonly blocks = new Blocks();
  private readonly stored = new FileBlocks(this.blocks);
  private readonly senders = new IdIndex(this.blocks, (_, offset) => offset + FILE_ID_AT);
  private readonly recipients = new IdIndex(this.blocks, (_, offset) => offset + RECIPIENT_ID_AT);

  get fileCount(): number {
    return this.senders.size;
  }

  get recipientCount(): number {
    return this.recipients.size;
  }

  /** Bytes of memory for all files. */
  get bytes(): number {
    return this.blocks.bytes + this.senders.bytes + this.recipients.bytes;
  }

  take(record: LogRecord, line: number): Fault {
    switch (record.word) {
      case 'FNEW': return this.create(record, line);
      case 'FADD': return this.addRecipients(record);
      case 'FPUT': return this.upload(record);
      case 'FACK': return this.acknowledge(record.recipientId);
      case 'FBLK':
      case 'FDEL': return this.end(record);
    }
  }

  /** All files, in an order that stays the same for the same log. */
  *files(): Generator<LoggedFile> {
    for (const address of this.senders.addresses()) yield this.stored.read(address);
  }

  /** Of files that have a body, how many and how many bytes. */
  bodies(): { readonly count: number; readonly bytes: number } {
    const found = { count: 0, bytes: 0 };
    for (const address of this.senders.addresses()) {
      if (!this.stored.hasBody(address)) continue;
      found.count++;
      found.bytes += this.stored.size(address);
    }
    return found;
  }

  private create({ file, status }: Extract<LogRecord, { word: 'FNEW' }>, line: number): Fault {
    if (this.senders.find(file.senderId) !== 0) return losing('REPEATED');
    this.senders.add(this.stored.addFile(file, status, line));
    return null;
  }

  private addRecipients({ senderId, recipients }: Extract<LogRecord, { word: 'FADD' }>): Fault {
    const file = this.senders.find(senderId);
    if (file === 0) return losing('NO_FILE');
    let taken = 0;
    for (const recipient of recipients) {
      if (this.recipients.find(recipient.recipientId) !== 0) taken++;
      else this.recipients.add(this.stored.addRecipient(file, recipient));
    }
    return taken > 0 ? losing('TAKEN') : null;
  }

  private upload({ senderId, name }: Extract<LogRecord, { word: 'FPUT' }>): Fault {
    const file = this.senders.find(senderId);
    if (file === 0) return losing('NO_FILE');
    if (!this.stored.isActive(file)) return harmless('NOT_ACTIVE');
    if (this.stored.hasBody(file)) return harmless('HAS_BODY');
    this.stored.setBody(file, name);
    return null;
  }

  private acknowledge(recipientId: Uint8Array): Fault {
    const recipient = this.recipients.find(recipientId);
    if (recipient === 0) return harmless('NO_RECIPIENT');
    this.recipients.remove(recipientId);
    this.stored.removeRecipient(recipient);
    return null;
  }

  private end(record: Extract<LogRecord, { word: 'FDEL' | 'FBLK' }>): Fault {
    const file = this.senders.find(record.senderId);
    if (file === 0) return harmless('NO_FILE');
    if (record.word === 'FBLK') {
      this.stored.setStatus(file, { state: 'blocked', info: record.info });
      return null;
    }
    for (const recipient of this.stored.recipientsOf(file)) {
      this.recipients.remove(this.stored.recipientId(recipient));
      this.stored.removeRecipient(recipient);
    }
    this.senders.remove(record.senderId);
    this.stored.removeFile(file);
    return null;
  }
}
