/** One transaction of an agent: changes of records, and what follows when they are durable. */
import type { RecordWriter } from '@polyplex/store-contract';
import type { AgentEvent } from './agent-event.ts';
import { AgentError } from './agent-error.ts';
import type { FileEvent } from './files/file-event.ts';
import type { FreshKeys } from './ratchet/fresh-keys.ts';
import { ApplicationWriter } from './records/application-records.ts';
import type { Connection, ReceivingQueue, Task } from './records/records.ts';
import { Changing } from './records/typed-records.ts';

export class Step extends Changing {
  readonly now: number;
  readonly fresh: FreshKeys;
  /** Lanes with something new to do. */
  readonly lanes = new Set<string>();
  /** Lanes whose wait is over. */
  readonly hurried = new Set<string>();
  readonly events: AgentEvent[] = [];
  /** Queues of ours that are no more. */
  readonly forgotten: ReceivingQueue[] = [];
  /** New queues of ours. */
  readonly added: ReceivingQueue[] = [];
  /** Files with something new to do, and what is told of files. */
  readonly files = new Set<string>();
  readonly fileEvents: FileEvent[] = [];
  readonly hasFiles: boolean;
  /** What the application does when the step is durable. */
  readonly afterwards: (() => void)[] = [];

  constructor(records: RecordWriter, { now, fresh, hasFiles }: { readonly now: number; readonly fresh: FreshKeys; readonly hasFiles: boolean }) {
    super(records);
    this.now = now;
    this.hasFiles = hasFiles;
    this.fresh = fresh;
  }

  override get application(): RecordWriter {
    return new ApplicationWriter(this.records);
  }

  connection(connectionId: string): Connection {
    const connection = this.get('connection', connectionId);
    if (connection === undefined) throw new AgentError('UNKNOWN', 'there is no such connection');
    return connection;
  }

  emit(event: AgentEvent): void {
    this.events.push(event);
  }

  do(connection: Pick<Connection, 'connectionId'>, lane: string, task: Task): void {
    this.addTask(connection, lane, { task, now: this.now });
    this.lanes.add(lane);
  }

  override addReceiving(queue: ReceivingQueue): void {
    super.addReceiving(queue);
    this.added.push(queue);
  }
}
