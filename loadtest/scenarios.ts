/** What users do: for each scenario, what is there before the load begins, and one iteration of it. */
import exec from 'k6/execution';
import { anyPair, anyWorker, befriendAll, below, comer, connectAll, groupAll, groups, nameOf, PER_WORKER, stays } from './lib/population.ts';
import { WORKERS } from './lib/settings.ts';
import { demand, fileBytes, perform } from './lib/swarm.ts';

export interface LoadScenario {
  readonly prepare: () => void;
  readonly iterate: () => void;
}

/** Sizes of what people send, bytes: photographs, voice messages, short videos. */
const FILE_SIZES: readonly number[] = [60_000, 60_000, 250_000, 1_000_000, 1_000_000, 4_000_000, 16_000_000];
/** Share of messages that go to a group. */
const TO_GROUP = 0.3;
const CONTACT_REQUESTS = 20;
const MESSAGES_WHILE_AWAY = 5;
const GROUPS = groups().filter(({ members }) => members.some(stays));

function pick<T>(list: readonly T[]): T {
  return list[below(list.length)]!;
}

function friends(): void {
  connectAll();
  befriendAll();
}

function chat(): void {
  if (Math.random() < TO_GROUP) sendToGroup();
  else sendToContact();
}

function sendToContact(): void {
  perform(anyWorker(), 'send', anyPair());
}

function sendToGroup(): void {
  const { name, members } = pick(GROUPS);
  perform(anyWorker(), 'groupSend', { group: name, from: pick(members.filter(stays)) });
}

/** Somebody goes, gets messages from a friend, and comes back for them. */
function leaveAndReturn(): void {
  const worker = anyWorker();
  const { away, friend } = comer();
  perform(worker, 'disconnect', { user: away });
  for (let i = 0; i < MESSAGES_WHILE_AWAY; i++) perform(worker, 'send', { from: friend, to: away });
  perform(worker, 'resubscribe', { user: away });
}

function comeBack(): void {
  const worker = anyWorker();
  const { away: user } = comer();
  perform(worker, 'disconnect', { user });
  perform(worker, 'resubscribe', { user });
}

function transfer(): void {
  const worker = anyWorker();
  const file = `f${below(1e9)}`;
  const bytes = pick(FILE_SIZES);
  if (perform(worker, 'upload', { file, bytes }) === null) return;
  const downloaded = perform(worker, 'download', { file });
  if (downloaded !== null) fileBytes.add(downloaded.bytes);
}

function notifiedMessage(): void {
  const { from, to } = anyPair();
  if (stays(to)) perform(anyWorker(), 'notifiedSend', { from, to });
}

/** Of so many iterations one is somebody who comes back, and one somebody new. */
const DAY = 20;
const COMES_BACK = 7;
const ARRIVES = 13;

let newcomers = 0;

/** Somebody new, who stays. */
function arrive(): void {
  perform(anyWorker(), 'connect', { user: `n${__VU}-${newcomers++}` });
}

export const SCENARIOS: Readonly<Record<string, LoadScenario>> = {
  'connect-storm': { prepare: () => undefined, iterate: arrive },
  chat: {
    prepare() {
      friends();
      groupAll();
    },
    iterate: chat,
  },
  offline: { prepare: friends, iterate: leaveAndReturn },
  resubscription: {
    prepare() {
      friends();
      groupAll();
    },
    iterate: comeBack,
  },
  proxy: {
    prepare: friends,
    iterate() {
      perform(anyWorker(), 'proxySend', anyPair());
    },
  },
  notifications: {
    prepare() {
      friends();
      WORKERS.forEach((_, worker) => {
        for (let i = 0; i < PER_WORKER; i++) demand(worker, 'notifications', { user: nameOf(i) });
      });
    },
    iterate: notifiedMessage,
  },
  'contact-flood': {
    prepare() {
      connectAll();
      WORKERS.forEach((_, worker) => demand(worker, 'contactAddress', { user: nameOf(0) }));
    },
    iterate: () => void perform(anyWorker(), 'contact', { to: nameOf(0), count: CONTACT_REQUESTS }),
  },
  files: { prepare: () => undefined, iterate: transfer },
  mixed: {
    prepare() {
      friends();
      groupAll();
    },
    /** A day in which most of all is chat. By number and not by chance, so that short tests have some of everything. */
    iterate() {
      const turn = exec.scenario.iterationInTest % DAY;
      if (turn === COMES_BACK) comeBack();
      else if (turn === ARRIVES) arrive();
      else chat();
    },
  },
};
