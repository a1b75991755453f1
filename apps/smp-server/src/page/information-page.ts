/** What the relay says about itself to people (SMP §9.8): its address, who runs it and under which rules. */
import { addressCode, escapeHtml, htmlPage, inWords, operatorSections, type Page, type PageRow, pageSection } from '@polyplex/node';
import { hostKind } from '@polyplex/protocol-common';
import type { SmpConfig } from '../config/smp-config.ts';

export interface PageFacts {
  readonly config: SmpConfig;
  /** Without password. */
  readonly address: string;
  readonly version: string;
}

/** Renders the page; everything configured is escaped. */
export async function informationPage({ config, address, version }: PageFacts): Promise<Page> {
  const operator = config.information.operator;
  const host = config.address.hosts[0] ?? '';
  const body = [
    `<h1>SimpleX relay ${escapeHtml(host)}</h1>`,
    `<p>This server passes on end-to-end encrypted messages for <a href="https://simplex.chat">SimpleX</a> apps${operator === null ? '' : `. It is run by ${escapeHtml(operator)}`}.
It keeps a message until it is received, and knows neither who sends nor who receives.</p>`,
    '<h2>Address</h2>',
    '<p>To use it, add this address to the message servers in the settings of your app, or scan the code there.</p>',
    await addressCode(address),
    pageSection('Service', serviceRows(config)),
    ...operatorSections(config.information, version),
  ];
  return htmlPage({ title: `SimpleX relay ${host}`, body: body.join('\n') });
}

function serviceRows({ access, messages, proxy, address }: SmpConfig): PageRow[] {
  const creating = access.passwordFile === null ? 'open to everyone' : 'with a password from the operator';
  const onion = address.hosts.filter((host) => hostKind(host) === 'onion');
  return [
    ['New queues', access.newQueues ? creating : 'not accepted'],
    ['Messages are kept', `until received, at most ${inWords(messages.expireAfter)}, ${String(messages.quota)} a queue, on disk`],
    ['Private routing', proxy.enabled ? 'to other relays for its users' : 'off'],
    ...onion.map((host): PageRow => ['Over Tor', escapeHtml(host)]),
  ];
}
