/**
 * A chat client: contacts and groups on an agent (directory §2). What comes is handled once, in the agent's own transaction, and so is what the
 * application does about it; what needs the network is a task, performed afterwards.
 */
import { Agent, type AgentStep } from '@polyplex/agent';
import { systemClock } from '@polyplex/base';
import { silentLogger } from '@polyplex/telemetry';
import { ApplicationStep } from './application-step.ts';
import { ChatCounts, type ChatGauges } from './chat-counts.ts';
import type { ChatOptions } from './chat-options.ts';
import type { ChatReading, ChatStep } from './chat-step.ts';
import { connect, type Connecting, type ConnectOptions } from './connect.ts';
import { makeAddress } from './contacts/address.ts';
import { handle, handleFile } from './dispatch/dispatch.ts';
import { messageBuckets } from './limits/allowance.ts';
import { ChatReader } from './records/chat-reader.ts';
import type { OwnAddress } from './records/records.ts';
import { ReadableRecords } from './records/typed-records.ts';
import { Step, type StepContext } from './step.ts';
import { performers } from './tasks/performers.ts';
import { TaskRunner } from './tasks/runner.ts';
import { forgetCopies } from './tasks/upkeep.ts';

export class Chat {
  readonly counts = new ChatCounts();
  readonly #agent: Agent;
  readonly #context: StepContext;
  readonly #runner: TaskRunner;
  readonly #stopUpkeep: (() => void)[] = [];
  readonly #options: ChatOptions;
  #isClosed = false;

  constructor(options: ChatOptions) {
    const { application, profile, files, acceptsContacts = true, log = silentLogger, random = Math.random, clock = systemClock } = options;
    this.#options = options;
    this.#context = {
      application, profile, acceptsContacts, hasFiles: files !== undefined, log, random, counts: this.counts, buckets: messageBuckets(options.messageRate),
      begin: (key, record) => this.#runner.add(key, record),
      face: (step) => new ApplicationStep(step),
    };
    const onFailure = (error: unknown): void => this.#failed(error);
    const inStep = (agentStep: AgentStep): Step => new Step(agentStep, this.#context);
    this.#agent = new Agent({
      ...options, onFailure,
      inStep: (event, agentStep) => handle(inStep(agentStep), event),
      // Descriptions are shared: a host gives its own to who comes later.
      ...(files && { files: { ...files, acknowledges: false, inStep: (event, agentStep) => handleFile(inStep(agentStep), event) } }),
    });
    this.#runner = new TaskRunner({
      agent: this.#agent, performers, clock, onFailure,
      within: (agentStep, work) => this.#within(agentStep, work),
      context: {
        agent: this.#agent, random,
        read: (work) => this.#read(work),
        change: (work) => this.inside(work),
        isClosed: () => this.#isClosed,
      },
    });
  }

  /** Goes on with what was begun. */
  start(): void {
    const tasks = this.#read(({ records }) => records.list('task'));
    for (const { key, value } of tasks) this.#runner.add(key, value);
    this.#agent.start();
    const { clock = systemClock } = this.#options;
    this.#stopUpkeep.push(forgetCopies(clock, { read: (work) => this.#read(work), change: (work) => this.inside(work), isClosed: () => this.#isClosed, onFailure: (error) => this.#failed(error) }));
  }

  /** The store is the caller's to close. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#stopUpkeep) stop();
    this.#runner.close();
    this.#agent.close();
  }

  /** One transaction of the application's: all of it, or, where `work` throws, nothing. */
  change<T>(work: (step: ChatStep) => T): Promise<T> {
    return this.inside((step) => work(new ApplicationStep(step)));
  }

  /** As it is at one instant. */
  read<T>(work: (reading: ChatReading) => T): T {
    return this.#read(work);
  }

  /** Null: none was made yet. */
  get address(): OwnAddress | null {
    return this.#read(({ records }) => records.get('address', 'own') ?? null);
  }

  /** Ours, made when there is none. Rejects as the relay does. */
  async createAddress(): Promise<OwnAddress> {
    return this.address ?? makeAddress({ agent: this.#agent, profile: this.#profile, within: (agentStep, work) => this.#within(agentStep, work) });
  }

  /** Asks at an address, joins an invitation, a group by its link, or a channel by its relays. Rejects with LINK, or as the agent does. */
  connect(link: string, options?: ConnectOptions): Promise<Connecting> {
    const change = <T>(work: (step: Step) => T): Promise<T> => this.inside(work);
    return connect({ agent: this.#agent, profile: this.#profile, within: (agentStep, work) => this.#within(agentStep, work), change }, link, options);
  }

  gauges(): ChatGauges {
    const [contacts, groups, members] = this.#read(({ records }) => ['contacts', 'groups', 'members'].map((name) => records.counter(name)));
    return { contacts: contacts!, groups: groups!, members: members!, tasks: this.#runner.waiting, ...this.#agent.gauges() };
  }

  get #profile(): ChatOptions['profile'] {
    return this.#read(({ records }) => records.get('profile', 'own')) ?? this.#options.profile;
  }

  /** A transaction with everything that the parts of a client may do. */
  protected inside<T>(work: (step: Step) => T): Promise<T> {
    return this.#agent.change((agentStep) => this.#within(agentStep, work));
  }

  #within<T>(agentStep: AgentStep, work: (step: Step) => T): T {
    const step = new Step(agentStep, this.#context);
    const result = work(step);
    step.settle();
    return result;
  }

  #read<T>(work: (reader: ChatReader) => T): T {
    return this.#agent.read((records) => work(new ChatReader(new ReadableRecords(records))));
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onFailure?.(error);
  }
}
