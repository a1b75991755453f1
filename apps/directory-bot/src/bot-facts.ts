/** What operators see of a running bot: metrics, and the rows of the status page. Numbers alone, by labels of closed sets. */
import type { SmpRelays } from '@polyplex/agent';
import { type Clock, SECOND } from '@polyplex/base';
import type { Chat } from '@polyplex/chat';
import type { Directory } from '@polyplex/directory';
import type { MetricsSource, StatusRow } from '@polyplex/nest';
import { addPlatformMetrics, type Labels, Metrics, type Readiness, upTime } from '@polyplex/node';
import type { FactSource } from '@polyplex/store-contract';
import type { Publisher } from './listing/publisher.ts';

export interface BotFactSources {
  readonly store: FactSource;
  readonly relays: SmpRelays;
  readonly clock: Clock;
  readonly chat: Chat;
  readonly directory: Directory;
  readonly publisher: Publisher;
  readonly readiness: Readiness;
  readonly version: string;
  readonly address: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
}

export function botMetrics(sources: BotFactSources): MetricsSource {
  const metrics = new Metrics(['polyplex_bot_info', 'Version of this directory bot'], sources.version);
  const { store, readiness, startedAt } = sources;
  addPlatformMetrics(metrics, { stores: { records: store }, readiness, startedAt });
  addRelays(metrics, sources.relays);
  addChat(metrics, sources.chat);
  addDirectory(metrics, sources.directory);
  addWaiting(metrics, sources);
  return { text: () => metrics.text() };
}

function addRelays(metrics: Metrics, relays: SmpRelays): void {
  metrics.gauge(['polyplex_bot_relay_sessions', 'Sessions with relays, those of contacts and members included'], () => relays.gauges().sessions);
  metrics.gauge(['polyplex_bot_own_relays', 'Relays that the bot\'s queues are at'], () => relays.gauges().own);
  metrics.gauge(['polyplex_bot_own_relays_connected', 'Of those, connected'], () => relays.gauges().ownConnected);
}

/** What waits for an administrator or the operator. */
function addWaiting(metrics: Metrics, { chat, directory, publisher, clock }: BotFactSources): void {
  metrics.gauge(['polyplex_bot_listing_timestamp_seconds', 'When the web listing was last brought up to date; Unix time'], () => (publisher.publishedAt ?? NaN) / SECOND);
  metrics.gauge(['polyplex_bot_oldest_approval_seconds', 'For how long the registration has waited for approval that has waited for longest; 0 when none does'], () => {
    const oldest = directory.oldestPending();
    return oldest === null ? 0 : Math.max(0, clock.now() - oldest) / SECOND;
  });
  metrics.gauge(['polyplex_bot_admins', 'Administrators in the settings'], () => chat.read((reading) => directory.adminCounts(reading)).admins);
  metrics.gauge(['polyplex_bot_admins_without_rights', 'Of those, the ones that are no contact of that number and name'], () => chat.read((reading) => directory.adminCounts(reading)).withoutRights);
}

function addChat(metrics: Metrics, chat: Chat): void {
  const { counts } = chat;
  metrics.gauge(['polyplex_bot_contacts', 'Contacts'], () => chat.gauges().contacts);
  metrics.gauge(['polyplex_bot_groups', 'Groups that the bot is or was in'], () => chat.gauges().groups);
  metrics.gauge(['polyplex_bot_group_members', 'Members of all groups'], () => chat.gauges().members);
  metrics.gauge(['polyplex_bot_queues_waiting', 'Queues with something that waits for their relay'], () => chat.gauges().queues);
  metrics.gauge(['polyplex_bot_tasks', 'What waits for relays: connections to be made, messages to many'], () => chat.gauges().tasks);
  metrics.family(['polyplex_bot_events_total', 'What came from contacts and members, by event of the chat protocol'], 'event', counts.events);
  metrics.family(['polyplex_bot_sent_total', 'What was sent to them'], 'event', counts.sent);
  metrics.family(['polyplex_bot_ignored_total', 'What came and was passed over'], 'reason', counts.ignored);
  metrics.counter(['polyplex_bot_failures_total', 'Events whose handling failed: each is a bug'], () => counts.failures.value);
  metrics.counter(['polyplex_bot_tasks_failed_total', 'Tasks that were given up'], () => counts.tasksFailed.value);
  metrics.histogram(['polyplex_bot_step_seconds', 'How long an event took to handle, in its transaction'], counts.stepSeconds);
}

function addDirectory(metrics: Metrics, directory: Directory): void {
  const { stats } = directory;
  metrics.gaugeSeries(['polyplex_bot_registrations', 'Registered groups'], {
    labels: ['state'],
    read: () => [...directory.registrationCounts()].map(([state, count]): [Labels, number] => [{ state }, count]),
  });
  metrics.family(['polyplex_bot_commands_total', 'Commands, searches included'], 'command', stats.commands);
  metrics.family(['polyplex_bot_searches_total', 'Searches'], 'result', stats.searches);
  metrics.family(['polyplex_bot_joins_total', 'How ways into groups by links of the bot began or ended'], 'outcome', stats.joins);
  metrics.family(['polyplex_bot_captchas_total', 'Captchas sent'], 'form', stats.captchas);
  metrics.family(['polyplex_bot_captcha_failures_total', 'Programs for captchas that failed'], 'form', stats.generatorFailures);
  metrics.family(['polyplex_bot_cards_total', 'Cards of channels that their owners have sent'], 'outcome', stats.cards);
  metrics.family(['polyplex_bot_link_checks_total', 'Links of channels that were read again'], 'result', stats.linkChecks);
  metrics.family(['polyplex_bot_unanswered_total', 'Messages that were not answered'], 'reason', stats.unanswered);
  metrics.family(['polyplex_bot_refused_total', 'Messages and steps that could not be'], 'reason', stats.refused);
  metrics.counter(['polyplex_bot_registrations_total', 'Groups registered'], () => stats.registrations.value);
  metrics.counter(['polyplex_bot_approvals_total', 'Groups approved'], () => stats.approvals.value);
  metrics.counter(['polyplex_bot_missing_admins_total', 'Notices to administrators who are no contact, or one of another name'], () => stats.missingAdmins.value);
  metrics.counter(['polyplex_bot_prohibited_posts_total', 'Posts for which their author became an observer'], () => stats.prohibitedPosts.value);
  metrics.counter(['polyplex_bot_faults_total', 'Events that the directory could not handle: each is a bug'], () => stats.faults.value);
}

export function statusRows({ chat, directory, readiness, version, address, startedAt }: BotFactSources): StatusRow[] {
  const { contacts, groups, members, tasks } = chat.gauges();
  return [
    { label: 'State', value: readiness.isDraining() ? 'draining' : 'running' },
    { label: 'Version', value: version },
    { label: 'Address', value: address },
    { label: 'Up for', value: upTime(startedAt) },
    { label: 'Contacts', value: contacts },
    { label: 'Groups', value: groups },
    { label: 'Members of groups', value: members },
    ...[...directory.registrationCounts()].map(([state, count]) => ({ label: `Registrations ${state}`, value: count })),
    { label: 'Tasks that wait for relays', value: tasks },
  ];
}
