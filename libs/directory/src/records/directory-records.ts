/** The directory's records with their types, and the indexes that go with them. */
import { SECOND, utf8 } from '@polyplex/base';
import { sha256 } from '@polyplex/crypto';
import type { RecordReader, RecordWriter } from '@polyplex/store-contract';
import { DirectoryError } from '../directory-error.ts';
import { type Captcha, type Card, type Expected, FORMAT_VERSION, type GroupSettings, type Kinds, type LastSearch, type LinkCheck, type Registration } from './records.ts';

const NUMBER_DIGITS = 12;
const NAME_HASH_BYTES = 16;
export const SALT_BYTES = 16;

/** Numbers as keys that sort. */
function sortable(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}

function dueKey(groupId: number, { dueAt }: LinkCheck): string {
  return `${sortable(Math.ceil(dueAt / SECOND))}/${sortable(groupId)}`;
}

/** Of the records of a directory; null where none was ever kept. What is no number is of a version that nobody here knows. */
export function directoryFormat(records: RecordReader): number | null {
  const format = records.get('directory-meta', 'format');
  if (format === undefined) return null;
  return typeof format === 'number' ? format : Infinity;
}

export class DirectoryRecords {
  readonly #records: RecordWriter;

  constructor(records: RecordWriter) {
    this.#records = records;
  }

  #get<K extends keyof Kinds>(kind: K, key: string): Kinds[K] | undefined {
    return this.#records.get(kind, key) as Kinds[K] | undefined;
  }

  #list<K extends keyof Kinds>(kind: K, prefix = '', limit?: number): readonly { readonly key: string; readonly value: Kinds[K] }[] {
    return this.#records.list(kind, prefix, limit) as readonly { readonly key: string; readonly value: Kinds[K] }[];
  }

  #put<K extends keyof Kinds>(kind: K, key: string, value: Kinds[K]): void {
    this.#records.put(kind, key, value);
  }

  /** Makes what is not there yet. Throws `DirectoryError` FORMAT where a newer version has written. */
  prepare(salt: () => Uint8Array): void {
    const format = directoryFormat(this.#records);
    if (format === null) {
      this.#put('directory-meta', 'format', FORMAT_VERSION);
      this.#put('directory-meta', 'salt', salt());
    } else if (format > FORMAT_VERSION) {
      throw new DirectoryError('FORMAT', `the records of the directory have format ${String(format)}, this release reads up to ${String(FORMAT_VERSION)}: use a newer one, or bring back a copy from before`);
    } else if (format < FORMAT_VERSION) {
      this.#put('directory-meta', 'format', FORMAT_VERSION);
    }
  }

  #nameHash(name: string): string {
    const salt = this.#get('directory-meta', 'salt') as Uint8Array;
    return Buffer.from(sha256(Buffer.concat([salt, utf8(name)]))).subarray(0, NAME_HASH_BYTES).toString('base64url');
  }

  registration(groupId: number): Registration | undefined {
    return this.#get('registration', sortable(groupId));
  }

  registrations(): readonly Registration[] {
    return this.#list('registration').map(({ value }) => value);
  }

  registrationsOf(contactId: number): readonly Registration[] {
    return this.#list('registration-of', `${sortable(contactId)}/`).map(({ value }) => this.registration(value)!);
  }

  registrationOf(contactId: number, userNumber: number): Registration | undefined {
    const groupId = this.#get('registration-of', `${sortable(contactId)}/${sortable(userNumber)}`);
    return groupId === undefined ? undefined : this.registration(groupId);
  }

  /** All that have the name, exactly. */
  registrationsNamed(name: string): readonly Registration[] {
    const prefix = `${this.#nameHash(name)}/`;
    return this.#list('registration-name', prefix).map(({ key }) => this.registration(Number(key.slice(prefix.length)))!);
  }

  putRegistration(registration: Registration): void {
    const { groupId, contactId, userNumber, name } = registration;
    const before = this.registration(groupId);
    if (before !== undefined) this.#unlink(before);
    this.#put('registration', sortable(groupId), registration);
    this.#put('registration-of', `${sortable(contactId)}/${sortable(userNumber)}`, groupId);
    this.#put('registration-name', `${this.#nameHash(name)}/${sortable(groupId)}`, true);
  }

  removeRegistration(groupId: number): void {
    const registration = this.registration(groupId);
    if (registration === undefined) return;
    this.#unlink(registration);
    this.#records.remove('registration', sortable(groupId));
  }

  #unlink({ groupId, contactId, userNumber, name }: Registration): void {
    this.#records.remove('registration-of', `${sortable(contactId)}/${sortable(userNumber)}`);
    this.#records.remove('registration-name', `${this.#nameHash(name)}/${sortable(groupId)}`);
  }

  settings(groupId: number): GroupSettings | undefined {
    return this.#get('group-settings', sortable(groupId));
  }

  putSettings(groupId: number, settings: GroupSettings): void {
    this.#put('group-settings', sortable(groupId), settings);
  }

  removeSettings(groupId: number): void {
    this.#records.remove('group-settings', sortable(groupId));
  }

  captcha(groupId: number, memberNumber: number): Captcha | undefined {
    return this.#get('captcha', `${sortable(groupId)}/${sortable(memberNumber)}`);
  }

  captchas(): readonly { readonly groupId: number; readonly memberNumber: number; readonly captcha: Captcha }[] {
    return this.#list('captcha').map(({ key, value }) => {
      const [group, member] = key.split('/');
      return { groupId: Number(group), memberNumber: Number(member), captcha: value };
    });
  }

  putCaptcha(groupId: number, memberNumber: number, captcha: Captcha): void {
    this.#put('captcha', `${sortable(groupId)}/${sortable(memberNumber)}`, captcha);
  }

  removeCaptcha(groupId: number, memberNumber: number): void {
    this.#records.remove('captcha', `${sortable(groupId)}/${sortable(memberNumber)}`);
  }

  removeCaptchas(groupId: number): void {
    for (const { key } of this.#list('captcha', `${sortable(groupId)}/`)) this.#records.remove('captcha', key);
  }

  lastSearch(contactId: number): LastSearch | undefined {
    return this.#get('last-search', sortable(contactId));
  }

  putLastSearch(contactId: number, search: LastSearch): void {
    this.#put('last-search', sortable(contactId), search);
  }

  removeLastSearch(contactId: number): void {
    this.#records.remove('last-search', sortable(contactId));
  }

  /** What nobody can go on with any more goes: words that people searched for are not kept. */
  removeSearchesBefore(time: number): void {
    for (const { key, value } of this.#list('last-search')) {
      if (value.at < time) this.#records.remove('last-search', key);
    }
  }

  card(contactId: number): Card | undefined {
    return this.#get('card', sortable(contactId));
  }

  /** At most `limit` of them. */
  cards(limit: number): number {
    return this.#list('card', '', limit).length;
  }

  putCard(contactId: number, card: Card): void {
    this.#put('card', sortable(contactId), card);
  }

  removeCard(contactId: number): void {
    this.#records.remove('card', sortable(contactId));
  }

  removeCardsBefore(time: number): void {
    for (const { key, value } of this.#list('card')) {
      if (value.since < time) this.#records.remove('card', key);
    }
  }

  linkCheck(groupId: number): LinkCheck | undefined {
    return this.#get('link-check', sortable(groupId));
  }

  putLinkCheck(groupId: number, check: LinkCheck): void {
    this.removeLinkCheck(groupId);
    this.#put('link-check', sortable(groupId), check);
    this.#put('link-check-due', dueKey(groupId, check), true);
  }

  removeLinkCheck(groupId: number): void {
    const check = this.linkCheck(groupId);
    if (check === undefined) return;
    this.#records.remove('link-check', sortable(groupId));
    this.#records.remove('link-check-due', dueKey(groupId, check));
  }

  /** Groups that are due, the longest waiting first. */
  dueLinkChecks(now: number, limit: number): readonly number[] {
    return this.#list('link-check-due', '', limit).map(({ key }) => key.split('/').map(Number)).filter(([at]) => at! * SECOND <= now).map(([, groupId]) => groupId!);
  }

  knownAdmin(contactId: number): string | undefined {
    return this.#get('known-admin', sortable(contactId));
  }

  putKnownAdmin(contactId: number, name: string): void {
    if (this.knownAdmin(contactId) !== name) this.#put('known-admin', sortable(contactId), name);
  }

  expectedNamed(name: string): readonly Expected[] {
    const prefix = `${this.#nameHash(name)}/`;
    return this.#list('expected-name', prefix).map(({ key }) => this.#get('expected', key.slice(prefix.length))!);
  }

  expected(): readonly Expected[] {
    return this.#list('expected').map(({ value }) => value);
  }

  putExpected(expected: Expected): void {
    this.#put('expected', sortable(expected.number), expected);
    this.#put('expected-name', `${this.#nameHash(expected.name)}/${sortable(expected.number)}`, true);
  }

  removeExpected({ number, name }: Expected): void {
    this.#records.remove('expected', sortable(number));
    this.#records.remove('expected-name', `${this.#nameHash(name)}/${sortable(number)}`);
  }
}
