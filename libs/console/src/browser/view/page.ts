/** The page as a whole: puts its parts in order and tells each what to show. */
import { attentionTo } from '../model/attention.ts';
import type { Networks } from '../model/networks.ts';
import { placesOf } from '../model/places.ts';
import type { Link } from '../watch.ts';
import { type ChartsInput, createCharts } from './charts.ts';
import { conditionOf } from './condition.ts';
import { h, isShown, setAttribute, type View } from './dom.ts';
import { createHeader } from './header.ts';
import type { Level } from './icons.ts';
import { createCertificates, createWarnings } from './lately.ts';
import { createLimits } from './limits.ts';
import { createNodes } from './nodes.ts';
import { createPlaces } from './places.ts';
import { chosenBy, type Shown } from './shown.ts';
import { createState } from './state.ts';
import { createTokenForm } from './token-form.ts';

export interface PageInput {
  readonly networks: Networks;
  readonly link: Link;
  readonly answeredAt: number | null;
  readonly hasToken: boolean;
  /** Milliseconds since 1970 by the server's clock, as all times here. */
  readonly now: number;
}

export interface PageEvents {
  readonly onToken: (token: string) => void;
  readonly onForget: () => void;
}

export function createPage({ onToken, onForget }: PageEvents): View<PageInput> {
  const header = createHeader(onForget);
  const token = createTokenForm(onToken);
  const state = createState();
  const charts = createCharts();
  const [nodes, places, limits, warnings, certificates] = [createNodes(), createPlaces(), createLimits(), createWarnings(), createCertificates()];
  const parts: readonly View<Shown>[] = [nodes, places, limits, warnings, certificates];
  const rest = h('div', { class: 'rest' }, nodes.element, charts.element,
    h('div', { class: 'lower' }, h('div', {}, places.element, warnings.element), h('div', {}, limits.element, certificates.element)));
  const main = h('main', {}, token.element, state.element, rest);
  return {
    element: h('div', { class: 'page' }, header.element, main),
    update(input) {
      const shown = shownOf(input);
      const isAsked = input.link.state === 'token';
      header.update({ ...shown, hasToken: input.hasToken, answeredAt: input.answeredAt });
      token.update({ isAsked, wrong: input.link.state === 'token' && input.link.wrong });
      isShown(state.element, !isAsked);
      isShown(rest, !isAsked && shown.nodes.length > 0);
      setAttribute(rest, 'data-old', input.link.state === 'lost' ? 'yes' : null);
      state.update(shown);
      setTab(isAsked ? { level: 'off', word: 'Token' } : conditionOf(shown), shown);
      if (rest.hidden) return;
      for (const part of parts) part.update(shown);
      charts.update(chartsOf(shown));
    },
  };
}

function chartsOf({ service, samples, isWhole, services }: Shown): ChartsInput {
  const [own] = services.values();
  return { service, samples, isWhole, toldBy: own?.[0]?.key ?? '' };
}

function shownOf({ networks, link, now }: PageInput): Shown {
  const services = new Map([...networks.known].map(([service, network]) => [service, network.nodes]));
  const { service, all, node } = chosenBy(location.hash, services);
  const nodes = node === null ? all : [node];
  const samples = (node === null ? networks.known.get(service)?.whole : node.track)?.samples ?? [];
  const places = placesOf(nodes.filter(({ presence }) => presence === 'here'), samples);
  return {
    link, now, service, services, all, nodes, samples, places, isWhole: node === null && all.length > 0, isComplete: networks.isComplete,
    attention: attentionTo(nodes, places, now),
  };
}

/** The tab says it too, for who has the page open beside others. */
function setTab({ level, word }: { readonly level: Level; readonly word: string }, { nodes, isWhole }: Shown): void {
  const title = [word, ...(isWhole ? [] : nodes.map(({ key }) => key)), 'Polyplex'].join(' · ');
  if (document.title !== title) document.title = title;
  const icon = document.querySelector('link[rel=icon]');
  if (icon !== null) setAttribute(icon, 'href', `console/icon-${level}.svg`);
}
