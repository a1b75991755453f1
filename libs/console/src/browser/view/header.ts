/** The bar at the top: where one is, how fresh the page is, and what can be chosen. */
import type { ServiceName } from '@polyplex/admin-api';
import { clockTime } from '../model/format.ts';
import type { KnownNode } from '../model/network.ts';
import { conditionOfNodes } from './condition.ts';
import { createList, h, isShown, setAttribute, setText, type View } from './dom.ts';
import { createIcon } from './icons.ts';
import { addressOf, SERVICE_NAMES, type Shown } from './shown.ts';
import { createThemeChoice } from './theme.ts';

export interface HeaderInput extends Shown {
  readonly hasToken: boolean;
  /** Milliseconds of the server's clock; null before the first answer. */
  readonly answeredAt: number | null;
}

export function createHeader(onForget: () => void): View<HeaderInput> {
  const tabs = h('nav', { class: 'tabs', 'aria-label': 'Services' });
  const showTabs = createList<Tab>(tabs, ({ service }) => service, createTab);
  const choice = h('select', { 'aria-label': 'Node' });
  choice.addEventListener('change', () => (location.hash = choice.value));
  const fresh = h('span', { class: 'fresh' });
  const forget = h('button', { type: 'button' }, 'Forget the token');
  forget.addEventListener('click', onForget);
  const element = h('header', { class: 'top' }, h('span', { class: 'brand' }, 'Polyplex'), tabs, choice, h('span', { class: 'right' }, fresh, forget, createThemeChoice()));
  return {
    element,
    update(input) {
      const { services, service, all, nodes, isWhole, link, answeredAt, hasToken } = input;
      isShown(tabs, services.size > 1);
      showTabs([...services].map(([each, known]) => ({ service: each, nodes: known, isCurrent: each === service })));
      isShown(choice, all.length > 1);
      fillChoice(choice, service, all);
      choice.value = addressOf(service, isWhole ? null : nodes[0]?.key);
      isShown(forget, hasToken && link.state !== 'token');
      isShown(fresh, answeredAt !== null && link.state !== 'token');
      setAttribute(fresh, 'data-level', link.state === 'live' ? 'good' : 'bad');
      setText(fresh, answeredAt === null ? '' : `${link.state === 'live' ? 'Live' : 'Last answer'} ${clockTime(answeredAt)}`);
    },
  };
}

function fillChoice(choice: HTMLSelectElement, service: ServiceName, all: readonly KnownNode[]): void {
  const wanted = [null, ...all.map(({ key }) => key)];
  if (wanted.length === choice.options.length && wanted.every((key, index) => choice.options[index]?.value === addressOf(service, key))) return;
  choice.replaceChildren(...wanted.map((key) => h('option', { value: addressOf(service, key) }, key ?? 'All nodes')));
}

interface Tab {
  readonly service: ServiceName;
  readonly nodes: readonly KnownNode[];
  readonly isCurrent: boolean;
}

/** It shows how the service is that one does not look at. */
function createTab({ service }: Tab): View<Tab> {
  const icon = createIcon();
  const word = h('span', { class: 'visually-hidden' });
  const element = h('a', { href: addressOf(service) }, icon.element, SERVICE_NAMES[service], word);
  return {
    element,
    update({ nodes, isCurrent }) {
      const { level, word: said } = conditionOfNodes(nodes);
      icon.set(level);
      setText(word, `: ${said}`);
      setAttribute(element, 'aria-current', isCurrent ? 'page' : null);
    },
  };
}
