/** Where data is kept: whether it is reached, how much room is left and how long it lasts, and each shard. */
import { counted, duration, written } from '../model/format.ts';
import type { ShardPlace, StorePlace } from '../model/places.ts';
import type { UntilFull } from '../model/until-full.ts';
import { createList, h, isShown, setText, type View } from './dom.ts';
import { createIcon } from './icons.ts';
import type { Shown } from './shown.ts';

const STORE_NAMES: Readonly<Record<StorePlace['name'], string>> = { queues: 'Queues', files: 'Records of files', bodies: 'Bodies of files', tokens: 'Devices and watched queues', records: 'Contacts, groups and registrations' };
const ENGINE_NAMES: Readonly<Record<StorePlace['engine'], string>> = { embedded: 'on this disk', redis: 'in Redis', s3: 'in an S3 bucket' };
const UNKNOWN_ROOM: Readonly<Record<StorePlace['engine'], string>> = {
  embedded: 'How much room is left is not known.', redis: 'How much room is left is not known: Redis says so only with a maxmemory.', s3: 'How much room a bucket has is not known.',
};
const YEAR_SECONDS = 365 * 86_400;

export function createPlaces(): View<Shown> {
  const list = h('div', { class: 'places' });
  const show = createList<StorePlace>(list, ({ name, engine }) => `${name} ${engine}`, createPlace);
  return { element: h('section', { class: 'card', 'aria-labelledby': 'places-title' }, h('h2', { id: 'places-title' }, 'Storage'), list), update: ({ places }) => show(places) };
}

function createPlace(): View<StorePlace> {
  const icon = createIcon();
  const [name, room, lasts] = [h('h3'), h('span'), h('span', { class: 'hint' })];
  const body = h('tbody');
  const head = h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Shard'), h('th', { scope: 'col' }, 'State'), h('th', { scope: 'col', class: 'number' }, 'Room left'), h('th', { scope: 'col', class: 'number minor' }, 'p99')));
  const table = h('table', {}, head, body);
  const show = createList<ShardPlace>(body, (shard) => shard.name, createShard);
  return {
    element: h('div', { class: 'place' }, h('header', {}, icon.element, name), h('p', {}, room, lasts), h('div', { class: 'scroll' }, table)),
    update(place) {
      icon.set(place.answers === place.usedBy ? 'good' : 'bad');
      setText(name, `${STORE_NAMES[place.name]} ${ENGINE_NAMES[place.engine]}${silenceText(place)}`);
      setText(room, place.roomBytes === null ? UNKNOWN_ROOM[place.engine] : `${written(place.roomBytes, 'bytes')} left. `);
      setText(lasts, place.roomBytes === null ? '' : lastsText(place.lasts));
      isShown(table, place.shards.length > 0);
      show(place.shards);
    },
  };
}

function silenceText({ answers, usedBy }: StorePlace): string {
  if (answers === usedBy) return '';
  return usedBy === 1 ? ': does not answer' : `: does not answer ${String(usedBy - answers)} of ${counted(usedBy, 'node')}`;
}

const NO_TIME: Readonly<Record<Exclude<UntilFull['kind'], 'falling'>, string>> = {
  early: 'How long it lasts can be said after a quarter of an hour of looking.',
  steady: 'It does not shrink at present.',
  uneven: 'It shrinks unevenly, so how long it lasts cannot be said.',
};

function lastsText(lasts: UntilFull): string {
  if (!('seconds' in lasts)) return NO_TIME[lasts.kind];
  const time = lasts.seconds > YEAR_SECONDS ? 'more than a year' : `about ${duration(lasts.seconds)}`;
  return `At the present rate (${written(lasts.bytesPerSecond, 'bytesPerSecond')}) it lasts ${time}.`;
}

function createShard(): View<ShardPlace> {
  const icon = createIcon();
  const [name, word, room, p99] = [h('th', { scope: 'row' }), h('span'), h('td', { class: 'number' }), h('td', { class: 'number minor' })];
  return {
    element: h('tr', {}, name, h('td', { class: 'is' }, icon.element, word), room, p99),
    update(shard) {
      icon.set(shard.reachedBy === shard.usedBy ? 'good' : 'bad');
      setText(name, shard.name);
      setText(word, reachedText(shard));
      setText(room, written(shard.roomBytes, 'bytes'));
      setText(p99, written(shard.p99Seconds, 'seconds'));
    },
  };
}

function reachedText({ reachedBy, usedBy }: ShardPlace): string {
  if (usedBy === 1) return reachedBy === 1 ? 'Reached' : 'Not reached';
  return reachedBy === usedBy ? 'Reached by all' : `Reached by ${String(reachedBy)} of ${counted(usedBy, 'node')}`;
}
