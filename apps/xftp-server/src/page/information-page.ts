/** What the file server says about itself to people (XFTP §7.6): its address, who runs it and under which rules. */
import { addressCode, escapeHtml, htmlPage, inWords, operatorSections, type Page, pageSection } from '@polyplex/node';
import { parseAddress } from '@polyplex/protocol-common';
import type { PageFacts } from './page-facts.ts';

const ACCEPTING: Readonly<Record<PageFacts['accepting'], string>> = {
  anybody: 'open to everyone', password: 'with a password from the operator', nobody: 'not accepted',
};

/** Renders the page; everything configured is escaped. `module`: path of the script that takes links to files to their page. */
export async function informationPage({ address, accepting, keptMs, information, version }: PageFacts, module: string): Promise<Page> {
  const host = parseAddress(address)?.hosts[0] ?? '';
  const { operator } = information;
  const body = [
    `<h1>SimpleX file server ${escapeHtml(host)}</h1>`,
    `<p>This server keeps encrypted files for <a href="https://simplex.chat">SimpleX</a> apps until they are received${operator === null ? '' : `. It is run by ${escapeHtml(operator)}`}.
It knows neither what is in them nor who sends and who receives them.</p>`,
    '<p><a class="button" href="/file/">Send a file from this browser</a></p>',
    '<h2>Address</h2>',
    '<p>To use it, add this address to the media and file servers in the settings of your app, or scan the code there.</p>',
    await addressCode(address),
    pageSection('Service', [['New files', ACCEPTING[accepting]], ['Files are kept', inWords(keptMs)]]),
    ...operatorSections(information, version),
  ];
  return htmlPage({ title: `SimpleX file server ${host}`, body: body.join('\n'), module });
}
