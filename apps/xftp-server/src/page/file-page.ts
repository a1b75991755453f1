/**
 * The page that sends and receives files (XFTP §1.6, §7.6): the frame in HTML; all that happens is done by the module of
 * `browser/`. The link's fragment holds the key of a file: browsers do not send it, and the page sends it nowhere.
 */
import { escapeHtml, htmlPage, inWords, type Page } from '@polyplex/node';
import { formatAddress, hostKind, parseAddress } from '@polyplex/protocol-common';
import type { PageFacts } from './page-facts.ts';
import { MAX_UPLOAD_MIB } from './browser/limits.ts';

const STYLE = `
.drop{display:block;padding:2.5rem 1rem;margin:1rem 0;border:2px dashed var(--line);border-radius:.75rem;text-align:center;cursor:pointer}
.drop:hover,.drop.over,.drop:focus-within{background:var(--faint);border-color:currentColor}
.drop input{display:block;margin:1rem auto 0;max-width:100%;font:inherit}
label.field{display:block;margin:1rem 0}
label.field input{display:block;font:inherit;padding:.5rem;width:100%;max-width:20rem;border:1px solid var(--line);border-radius:.5rem;background:none;color:inherit}
progress{display:block;width:100%;height:1.25rem;margin:1rem 0 .5rem}
.button.main{background:CanvasText;color:Canvas;border-color:CanvasText}
.button:disabled{opacity:.5;cursor:default}
:focus-visible{outline:3px solid Highlight;outline-offset:2px}
[role=alert]{padding:.75rem;border:1px solid #c0392b;border-radius:.5rem}
.faint{opacity:.75}
#qr{width:24rem}`;

export interface FilePageParts {
  readonly facts: PageFacts;
  /** Paths of the modules; the names change with the content. */
  readonly module: string;
  readonly worker: string;
}

/** `module` and `worker`: paths on this server. */
export function filePage({ facts, module, worker }: FilePageParts): Page {
  const kept = inWords(facts.keptMs);
  const attributes = [
    ['server', linkAddress(facts.address)], ['worker', worker], ['kept', kept], ['accepting', facts.accepting],
  ].map(([name, value]) => `data-${name}="${escapeHtml(value!)}"`);
  const body = `<div id="app" ${attributes.join(' ')}>
<h1 id="title">Send a file</h1>
<noscript><p role="alert">This page encrypts and decrypts files in your browser, for which scripts must be allowed.</p></noscript>
${sendSection(facts, kept)}
${RECEIVE_SECTION}
${WORK_SECTION}
${sentSection(kept)}
${RECEIVED_SECTION}
${FAILED_SECTION}
</div>
<p class="faint">Files are encrypted and decrypted in your browser. This server has neither their keys nor their names: the key is in the
link alone, and whoever has the link can open the file. <a href="/">About this server</a></p>`;
  return htmlPage({ title: 'Send a file', body, module, connects: true, style: STYLE });
}

/**
 * The address as it goes into links. Other web clients look for the port in the first of several hosts (XFTP §1.3), and
 * would go to 443 where it stands at the end.
 */
function linkAddress(text: string): string {
  const address = parseAddress(text);
  if (address === null || address.hosts.length === 1 || address.port === '') return text;
  const host = address.hosts.find((each) => hostKind(each) !== 'onion') ?? address.hosts[0]!;
  return formatAddress({ ...address, hosts: [host] }, 'xftp');
}

function sendSection({ accepting }: PageFacts, kept: string): string {
  if (accepting === 'nobody') return '<section id="send" hidden><p>This server takes no new files at present. Links to files still work.</p></section>';
  const password = accepting === 'password'
    ? '<label class="field" for="password">Password of this server <input id="password" type="password" autocomplete="off" required></label>'
    : '';
  return `<section id="send" hidden aria-labelledby="title">
<p>Choose a file of up to ${String(MAX_UPLOAD_MIB)} MiB. You get a link to it that works for ${kept}.</p>
${password}<label class="drop" id="drop" for="file">Drop a file here, or choose one:<input id="file" type="file"></label>
</section>`;
}

const RECEIVE_SECTION = `<section id="receive" hidden aria-labelledby="title">
<p id="receive-text"></p>
<p><button class="button main" id="download" type="button">Download</button></p>
</section>`;

const WORK_SECTION = `<section id="work" hidden>
<p id="work-text" role="status" aria-live="polite"></p>
<progress id="progress" max="1" value="0" aria-labelledby="work-text"></progress>
<p id="work-amount" class="faint"></p>
<p><button class="button" id="cancel" type="button">Cancel</button></p>
</section>`;

function sentSection(kept: string): string {
  return `<section id="sent" hidden>
<p role="status" aria-live="polite" id="sent-text"></p>
<p id="link-label">The link:</p>
<p><code class="box" id="link" tabindex="0" aria-labelledby="link-label"></code></p>
<p><button class="button main" id="copy" type="button">Copy the link</button><button class="button" id="remove" type="button">Delete the file</button><button class="button" id="another" type="button">Send another file</button></p>
<p class="faint">The file is kept for ${kept}. It can be deleted before only as long as this page is open.</p>
<img class="qr" id="qr" alt="QR code of the link" hidden>
</section>`;
}

const RECEIVED_SECTION = `<section id="received" hidden>
<p role="status" aria-live="polite" id="received-text"></p>
<p><a class="button main" id="save" href="#">Save the file</a></p>
</section>`;

const FAILED_SECTION = `<section id="failed" hidden>
<p role="alert" id="failed-text"></p>
<p><button class="button main" id="again" type="button">Try again</button></p>
</section>`;
