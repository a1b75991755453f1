/** A directory on a fake chat client, with people who talk to it: tests read as scenarios. */
import assert from 'node:assert/strict';
import type { ChatEvent, ChatStep } from '@polyplex/chat';
import type { Profile } from '@polyplex/protocol-chat';
import { createFakeClock, type FakeClock } from '@polyplex/testing';
import { Directory } from '../../src/directory.ts';
import type { DirectoryOptions } from '../../src/options.ts';
import { FakeState } from './fake-state.ts';
import { type FakeActions, FakeStep, type LookUp, type Sent } from './fake-step.ts';
import { profileOf } from './links.ts';
import { MemoryRecords } from './memory-records.ts';
import { Person } from './people.ts';

export const START = Date.parse('2026-03-01T10:20:30Z');
export class Bot {
  readonly state: FakeState;
  readonly records: MemoryRecords;
  readonly options: DirectoryOptions;
  readonly clock: FakeClock;
  directory: Directory;
  /** Everything that was ever sent, and done. */
  readonly sent: Sent[] = [];
  readonly done: string[] = [];
  readonly lookUps: LookUp[] = [];
  listingChanges = 0;
  #messages = 0;
  readonly #read = new Map<string, number>();

  constructor(options: Partial<DirectoryOptions> = {}, before?: Bot) {
    this.options = { superUsers: [{ contactId: 1, name: 'alice' }], ...options };
    this.state = before?.state ?? new FakeState(START);
    this.records = before?.records ?? new MemoryRecords();
    this.clock = before?.clock ?? createFakeClock(START);
    this.directory = this.#begin();
  }

  #begin(): Directory {
    const directory = new Directory(this.options);
    directory.onListingChanged(() => { this.listingChanges += 1; });
    directory.attach((work) => Promise.resolve(this.run(work)), this.clock);
    return directory;
  }

  /** As after a restart: only records are there. */
  restart(): void {
    this.directory = this.#begin();
    this.run((step) => this.directory.load(step));
  }

  /** One transaction, with the events that follow from it. */
  run<T>(work: (step: ChatStep) => T): T {
    const actions: FakeActions = { sent: this.sent, done: this.done, lookUps: this.lookUps, events: [], afterwards: [] };
    const step = new FakeStep(this.state, this.records, actions);
    const result = work(step);
    for (let event = actions.events.shift(); event !== undefined; event = actions.events.shift()) this.directory.onEvent(event, step);
    for (const effect of actions.afterwards) effect();
    assert.equal(this.directory.stats.faults.value, 0, 'the directory had a fault');
    return result;
  }

  tell(event: ChatEvent): void {
    this.run((step) => this.directory.onEvent(event, step));
  }

  pass(ms: number): void {
    this.state.now += ms;
    this.clock.advance(ms);
  }

  nextMessageId(): string {
    this.#messages += 1;
    return `msg${this.#messages}`;
  }

  /** What came since the last call. */
  newFor(to: string): readonly Sent[] {
    const all = this.sent.filter((sent) => sent.to === to);
    const read = this.#read.get(to) ?? 0;
    this.#read.set(to, all.length);
    return all.slice(read);
  }

  person(name: string, more: Partial<Profile> = {}): Person {
    const contact = this.state.addContact(profileOf(name, more));
    this.tell({ type: 'contact-ready', contact });
    return new Person(this, contact.contactId);
  }

  registered(groupId: number): { state: string; code: number } | undefined {
    return this.run((step) => step.records.list('registration', '').map(({ value }) => value as { groupId: number; state: string; code: number }))
      .find((registration) => registration.groupId === groupId);
  }
}
