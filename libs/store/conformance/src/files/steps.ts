/**
 * The random steps: each is a call of the store and the same change of the model. Files, recipients and bodies are chosen
 * from those used last, gone ones included.
 */
import { toBase64Url } from '@polyplex/base';
import type { BlockingInfo, FileRecord, FileStore, FoundFile, NewFile, NewRecipient } from '@polyplex/store-contract';
import { anyBodyId, anyFile, anyRecipient, CREATED, LONG_LEASE_MS, SHORT_LEASE_MS } from './builders.ts';
import * as model from './state.ts';
import type { State } from './state.ts';

/** What chooses the arguments of a step. */
export interface Input {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

export interface Step {
  readonly call: (store: FileStore) => Promise<unknown>;
  readonly apply: (state: State) => unknown;
  /** Time that passes right after it: nothing else is under way. */
  readonly lapses?: boolean;
}

const CHOICE = 5;
const SIZES = [100, 250] as const;
const QUOTA = 1000;
const HOURS = 3;
const INFOS: readonly BlockingInfo[] = [{ reason: 'spam', notice: null }, { reason: 'content', notice: { ttl: 60 } }];

/** What the steps of one run have named so far. */
export class Names {
  readonly files: NewFile[] = [];
  readonly recipients: NewRecipient[] = [];
  readonly bodies: string[] = [];
  /** The file that each body was announced for. */
  readonly fileOf = new Map<string, number>();

  /** One of the last, or a new one; its number. */
  file(a: number): number {
    return this.files.length - 1 - (a % Math.min(CHOICE, this.files.length));
  }

  newFile({ a, b }: Input): number {
    return this.files.push(anyFile({ size: SIZES[a % 2]!, createdAt: CREATED + model.hourToSeconds(b % HOURS) })) - 1;
  }

  recipient(a: number): number {
    if (this.recipients.length === 0 || a % 3 === 0) return this.recipients.push(anyRecipient()) - 1;
    return this.recipients.length - 1 - (a % Math.min(CHOICE, this.recipients.length));
  }

  body(a: number): string {
    if (this.bodies.length === 0) this.bodies.push(anyBodyId());
    return this.bodies.at(-1 - (a % Math.min(CHOICE, this.bodies.length)))!;
  }

  newBody(file: number): string {
    const bodyId = anyBodyId();
    this.bodies.push(bodyId);
    this.fileOf.set(bodyId, file);
    return bodyId;
  }
}

function found(names: Names, state: State, file: number, key: NewFile['senderKey']): FoundFile | null {
  const known = state.files[file];
  if (known === undefined) return null;
  const status: FileRecord['status'] = known.info === null ? { state: 'active' } : { state: 'blocked', info: known.info };
  return { file: { ...names.files[file]!, status, bodyId: known.body }, key };
}

function beginning(names: Names, { a, c }: Input, lapses: boolean): Step {
  const file = names.file(a);
  const bodyId = names.newBody(file);
  const quota = c % 4 === 0 ? QUOTA / 4 : QUOTA;
  const leaseMs = lapses ? SHORT_LEASE_MS : LONG_LEASE_MS;
  return {
    call: (store) => store.beginUpload(names.files[file]!.senderId, bodyId, { quota, leaseMs }),
    apply: (state) => model.begin(state, file, bodyId, { quota, lapses }),
    lapses,
  };
}

export const STEPS: Readonly<Record<string, (names: Names, input: Input) => Step>> = {
  create: (names, input) => {
    const file = input.c === 0 && names.files.length > 0 ? names.file(input.a) : names.newFile(input);
    const given = Array.from({ length: input.c % 3 }, (_, i) => names.recipient(input.b + i));
    const made = names.files[file]!;
    const createdHour = (made.createdAt - CREATED) / model.hourToSeconds(1);
    return {
      call: (store) => store.create(made, given.map((recipient) => names.recipients[recipient]!)),
      apply: (state) => model.create(state, file, { size: made.size, createdHour }, given),
    };
  },
  addRecipients: (names, { a, b, c }) => {
    const file = names.file(a);
    const given = [names.recipient(b), ...(c % 2 === 0 ? [names.recipient(c)] : [])];
    return {
      call: (store) => store.addRecipients(names.files[file]!.senderId, given.map((recipient) => names.recipients[recipient]!)),
      apply: (state) => model.addRecipients(state, file, given),
    };
  },
  findSender: (names, { a }) => {
    const file = names.file(a);
    const { senderId, senderKey } = names.files[file]!;
    return { call: (store) => store.find('sender', senderId), apply: (state) => found(names, state, file, senderKey) };
  },
  findRecipient: (names, { a }) => {
    const recipient = names.recipient(a);
    const { recipientId, recipientKey } = names.recipients[recipient]!;
    return {
      call: (store) => store.find('recipient', recipientId),
      apply: (state) => found(names, state, state.recipients[recipient] ?? -1, recipientKey),
    };
  },
  acknowledge: (names, { a }) => {
    const recipient = names.recipient(a);
    return {
      call: (store) => store.acknowledge(names.recipients[recipient]!.recipientId),
      apply: (state) => model.acknowledge(state, recipient),
    };
  },
  begin: (names, input) => beginning(names, input, false),
  beginAndLapse: (names, input) => beginning(names, input, true),
  commit: (names, { a, b, c }) => {
    const bodyId = names.body(b);
    const file = (c === 0 ? undefined : names.fileOf.get(bodyId)) ?? names.file(a);
    return {
      call: (store) => store.commitUpload(names.files[file]!.senderId, bodyId),
      apply: (state) => model.commit(state, file, bodyId),
    };
  },
  remove: (names, { a }) => {
    const file = names.file(a);
    return { call: (store) => store.remove(names.files[file]!.senderId), apply: (state) => model.remove(state, file) };
  },
  block: (names, { a, b }) => {
    const [file, info] = [names.file(a), INFOS[b % 2]!];
    return { call: (store) => store.block(names.files[file]!.senderId, info), apply: (state) => model.block(state, file, info) };
  },
  unblock: (names, { a }) => {
    const file = names.file(a);
    return { call: (store) => store.unblock(names.files[file]!.senderId), apply: (state) => model.unblock(state, file) };
  },
  expire: (_, { a }) => ({
    call: async (store) => {
      const { files, bodies } = await store.expire(CREATED + model.hourToSeconds(a % HOURS), 100);
      return { files, bodies: [...bodies].sort() };
    },
    apply: (state) => model.expire(state, a % HOURS),
  }),
  discard: (names, { a }) => {
    const bodyId = names.body(a);
    return { call: (store) => store.discard(bodyId), apply: (state) => model.discard(state, bodyId) };
  },
  knows: (names, { a, b }) => {
    const bodies = [names.body(a), names.body(b)];
    return { call: (store) => store.knows(bodies), apply: (state) => bodies.map((bodyId) => state.bodies[bodyId] !== undefined) };
  },
};

/** A value as text, to be compared: byte strings as base64url, fields in the order of their names. */
export function textOf(value: unknown): string {
  return JSON.stringify(value ?? null, (_, part: unknown) => {
    if (part instanceof Uint8Array) return toBase64Url(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
