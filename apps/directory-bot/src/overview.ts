/** What a bot tells of itself: numbers that it keeps in any case, nothing of anybody it talks to. */
import type { SmpRelays } from '@polyplex/agent';
import { type Clock, SECOND } from '@polyplex/base';
import type { Chat } from '@polyplex/chat';
import type { Directory, DirectoryStats, JoinOutcome } from '@polyplex/directory';
import { type Counters, type Gauges, type Limit, limitRow, type NodeTold } from '@polyplex/node';
import type { EmbeddedRecordStore } from '@polyplex/store-embedded';
import type { BotConfig } from './config/bot-config.ts';
import type { Publisher } from './listing/publisher.ts';

export interface OverviewParts {
  readonly config: BotConfig;
  readonly store: EmbeddedRecordStore;
  readonly relays: SmpRelays;
  readonly chat: Chat;
  readonly directory: Directory;
  readonly publisher: Publisher;
  readonly clock: Clock;
}

export function botOverview(parts: OverviewParts): NodeTold {
  const { config, store, chat, directory } = parts;
  return {
    counters: () => counters(chat, directory.stats),
    gauges: () => gauges(parts),
    stored: () => stored(parts),
    distributions: () => ({ event: [chat.counts.stepSeconds], store: [...store.facts().seconds.values()] }),
    stores: [{ name: 'records', facts: () => store.facts(), room: async () => (await store.space()).room, check: () => store.check() }],
    limits: () => limits(config),
  };
}

/** How a way into a group begins, for everybody who asks. */
const ASKED: readonly JoinOutcome[] = ['rejected-name', 'review', 'captcha', 'observer', 'accepted'];
/** How it ends well, by the bot alone. */
const LET_IN: readonly JoinOutcome[] = ['observer', 'accepted', 'captcha-passed', 'filter-off'];

function counters({ counts }: Chat, stats: DirectoryStats): Counters {
  const joins = (outcomes: readonly JoinOutcome[]): number => outcomes.reduce((sum, outcome) => sum + stats.joins.get(outcome), 0);
  return {
    chatEvents: counts.events.total,
    chatMessages: counts.sent.total,
    commands: stats.commands.total,
    searches: stats.searches.total,
    unanswered: stats.unanswered.total,
    groupsRegistered: stats.registrations.value,
    groupsApproved: stats.approvals.value,
    joinsAsked: joins(ASKED),
    joinsAccepted: joins(LET_IN),
    captchasSent: stats.captchas.total,
    captchasPassed: stats.joins.get('captcha-passed'),
    captchasFailed: stats.joins.get('captcha-failed'),
    captchaProgramFailures: stats.generatorFailures.total,
    adminNoticesLost: stats.missingAdmins.value,
    botFailures: counts.failures.value + stats.faults.value,
    tasksFailed: counts.tasksFailed.value,
  };
}

function gauges({ relays, directory, publisher, clock }: OverviewParts): Gauges {
  const { sessions, own, ownConnected } = relays.gauges();
  const now = clock.now();
  return {
    relays: sessions, ownRelays: own, ownRelaysConnected: ownConnected,
    ...registrations(directory),
    oldestApprovalSeconds: age(directory.oldestPending() ?? now, now),
    listingAgeSeconds: publisher.publishedAt === null ? null : age(publisher.publishedAt, now),
  };
}

function registrations(directory: Directory): Gauges {
  const counts = directory.registrationCounts();
  return {
    groupsListed: counts.get('active') ?? 0,
    groupsPending: counts.get('pending_approval') ?? 0,
    groupsIncomplete: (counts.get('pending_confirmation') ?? 0) + (counts.get('proposed') ?? 0) + (counts.get('pending_update') ?? 0),
    groupsSuspended: counts.get('suspended') ?? 0,
    groupsBadRoles: counts.get('suspended_bad_roles') ?? 0,
  };
}

/** Of a clock that was set back, none. */
function age(since: number, now: number): number {
  return Math.max(0, now - since) / SECOND;
}

async function stored({ chat, directory, store }: OverviewParts): Promise<Gauges> {
  const { contacts, groups, members, tasks, queues, files } = chat.gauges();
  const { admins, withoutRights } = chat.read((reading) => directory.adminCounts(reading));
  return {
    contacts, groups, groupMembers: members, tasks, queuesWaiting: queues, transfers: files, admins, adminsWithoutRights: withoutRights,
    storeBytes: (await store.space()).used,
  };
}

/** By contact, so that nothing can be said of its use. */
function limits({ botLimits }: BotConfig): Limit[] {
  return limitRow('botLimits.registrationsPerContact', botLimits.registrationsPerContact, null);
}
