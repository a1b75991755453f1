/** The top of the page: how it is, in a glance from across the room; what to look at; the figures of the moment. */
import type { ServiceName } from '@polyplex/admin-api';
import { runbookFile } from '../../runbooks.ts';
import type { Attention } from '../model/attention.ts';
import { counted, type Unit, written } from '../model/format.ts';
import { ROOM } from '../model/sample.ts';
import { conditionOf } from './condition.ts';
import { createList, h, isShown, setAttribute, setText, type View } from './dom.ts';
import { createIcon } from './icons.ts';
import type { Shown } from './shown.ts';

interface Figure {
  readonly label: string;
  readonly name: string;
  readonly unit: Unit;
}

const figure = (name: string, label: string, unit: Unit): Figure => ({ name, label, unit });

const FIGURES: Readonly<Record<ServiceName, readonly Figure[]>> = {
  smp: [
    figure('connections', 'Connections', 'count'), figure('messagesSent', 'Messages accepted', 'perSecond'), figure('send.p99', 'SEND p99', 'seconds'),
    figure('queues', 'Queues', 'count'), figure('messages', 'Messages waiting', 'count'), figure(ROOM, 'Room left', 'bytes'),
  ],
  xftp: [
    figure('connections', 'Connections', 'count'), figure('bytesUploaded', 'Upload', 'bytesPerSecond'), figure('bytesDownloaded', 'Download', 'bytesPerSecond'),
    figure('files', 'Files', 'count'), figure('fileBytes', 'Bytes of files', 'bytes'), figure(ROOM, 'Room left', 'bytes'),
  ],
  ntf: [
    figure('activeTokens', 'Devices', 'count'), figure('notificationsReceived', 'Notifications', 'perSecond'), figure('pushesDelivered', 'Pushes delivered', 'perSecond'),
    figure('announce.p99', 'To the push service, p99', 'seconds'), figure('oldestDueSeconds', 'Oldest push waiting', 'seconds'), figure('relaysSuspect', 'Suspect relays', 'count'),
  ],
  bot: [
    figure('groupsListed', 'Groups listed', 'count'), figure('groupsPending', 'Wait for approval', 'count'), figure('contacts', 'Contacts', 'count'),
    figure('chatEvents', 'Events', 'perSecond'), figure('tasks', 'Tasks waiting', 'count'), figure(ROOM, 'Room left', 'bytes'),
  ],
};

export function createState(): View<Shown> {
  const icon = createIcon();
  const word = h('h1');
  const sentence = h('p', { class: 'sentence' });
  const figures = h('dl', { class: 'figures' });
  const showFigures = createList<{ figure: Figure; value: string }>(figures, ({ figure: { name } }) => name, createFigure);
  const attention = h('ul', { class: 'attention', 'aria-label': 'To be looked at' });
  const showAttention = createList<Attention & { readonly of: number }>(attention, ({ level, text }) => `${level} ${text}`, createAttention);
  const head = h('div', { class: 'condition', role: 'status' }, icon.element, h('div', {}, word, sentence));
  const element = h('section', { class: 'state', 'aria-label': 'State' }, head, figures, attention);
  return {
    element,
    update(shown) {
      const condition = conditionOf(shown);
      icon.set(condition.level);
      setAttribute(element, 'data-level', condition.level);
      setAttribute(element, 'data-old', shown.link.state === 'lost' ? 'yes' : null);
      setText(word, condition.word);
      setText(sentence, condition.sentence);
      const values = shown.samples.at(-1)?.values ?? {};
      isShown(figures, shown.nodes.length > 0);
      showFigures(FIGURES[shown.service].map((each) => ({ figure: each, value: written(values[each.name], each.unit) })));
      showAttention(shown.link.state === 'live' ? toSay(shown).map((each) => ({ ...each, of: shown.nodes.length })) : []);
    },
  };
}

function toSay({ attention, isComplete }: Shown): readonly Attention[] {
  const alone: Attention = { level: 'warn', text: 'other nodes could not be asked: only this one is seen', nodes: [] };
  return isComplete ? attention : [alone, ...attention];
}

function createFigure({ figure: { label } }: { figure: Figure }): View<{ figure: Figure; value: string }> {
  const value = h('dd');
  return { element: h('div', {}, h('dt', {}, label), value), update: ({ value: text }) => setText(value, text) };
}

const WORDS = { bad: 'Problem', warn: 'Note' } as const;
const MAX_NAMED = 3;

function createAttention(): View<Attention & { readonly of: number }> {
  const icon = createIcon();
  const word = h('span', { class: 'visually-hidden' });
  const nodes = h('b');
  const text = h('span');
  // In a tab of its own: this one goes on watching.
  const link = h('a', { class: 'see', target: '_blank', rel: 'noopener' }, 'Runbook');
  return {
    element: h('li', {}, icon.element, word, h('span', {}, nodes, text, ' ', link)),
    update({ level, text: said, see, nodes: keys, of }) {
      isShown(link, see !== undefined);
      if (see !== undefined) setAttribute(link, 'href', `console/${runbookFile(see)}`);
      icon.set(level);
      setText(word, `${WORDS[level]}: `);
      setText(nodes, of === 1 || keys.length === 0 ? '' : `${namesOf(keys, of)} `);
      setText(text, of === 1 || keys.length === 0 ? capital(said) : said);
    },
  };
}

function namesOf(keys: readonly string[], of: number): string {
  if (keys.length === of) return `All ${counted(of, 'node')}:`;
  const named = keys.slice(0, MAX_NAMED).join(', ');
  return keys.length > MAX_NAMED ? `${named} and ${String(keys.length - MAX_NAMED)} more:` : `${named}:`;
}

function capital(text: string): string {
  return text.startsWith('limits.') ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
