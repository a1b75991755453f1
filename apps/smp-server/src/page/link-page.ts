/**
 * The page behind connection links (`https://<host>/a#…`): how to open one in an app. What the link says is in the
 * fragment, which browsers do not send; the page's own script reads it there and nothing else ever does.
 */
import { htmlPage, type Page } from '@polyplex/node';

/** First part of a link's path, and what such a link is for (SMP §9.8). */
const LINK_KINDS: Readonly<Record<string, string>> = {
  a: 'Contact address',
  c: 'Channel',
  g: 'Group',
  i: 'One-time invitation',
  r: 'Relay of channels',
  contact: 'Contact address',
  invitation: 'One-time invitation',
};

export const LINK_PATHS: readonly string[] = Object.keys(LINK_KINDS);

/**
 * In a short link the page's own host is the first of the relay's hosts; the form for apps has all of them in `h`. The
 * long forms name their relays in full.
 */
const SCRIPT = `
const kind = location.pathname.split('/')[1];
const fragment = location.hash.slice(1);
if (fragment) {
  const long = kind === 'contact' || kind === 'invitation';
  const [key, query = ''] = fragment.split('?');
  const others = new URLSearchParams(query);
  const hosts = [location.hostname, others.get('h')].filter(Boolean).join(',');
  others.delete('h');
  const rest = [...others].map(([name, value]) => '&' + name + '=' + encodeURIComponent(value)).join('');
  const forApp = long ? fragment : key + '?h=' + encodeURIComponent(hosts) + rest;
  document.getElementById('open').href = 'simplex:/' + kind + '#' + forApp;
  document.getElementById('text').textContent = location.href;
  document.getElementById('copy').addEventListener('click', async (event) => {
    await navigator.clipboard.writeText(location.href);
    event.target.textContent = 'Copied';
  });
  for (const each of document.querySelectorAll('[data-link]')) each.hidden = false;
  document.getElementById('none').hidden = true;
}`;

/** `kind`: one of `LINK_PATHS`. */
export function linkPage(kind: string): Page {
  const title = LINK_KINDS[kind] ?? 'Link';
  const body = `<h1>${title} on SimpleX</h1>
<p id="none">This page opens links to people and groups on SimpleX. The link has to be complete, with everything after the <code>#</code> sign, and scripts must be allowed. Otherwise copy it into the app by hand.</p>
<p data-link hidden><a class="button" id="open" href="#">Open in the app</a><button class="button" id="copy" type="button">Copy the link</button></p>
<p data-link hidden><code class="box" id="text"></code></p>
<h2>How to connect</h2>
<ol>
<li>Install a SimpleX app: <a href="https://simplex.chat/downloads" rel="noreferrer">simplex.chat/downloads</a>.</li>
<li>Choose “Open in the app” above. On another device, open this link there.</li>
<li>If nothing happens, copy the link, tap “New chat” in the app and paste it.</li>
</ol>
<p>Your browser did not send the secret part of the link to this server, and this page sends it nowhere.</p>`;
  return htmlPage({ title: `${title} on SimpleX`, body, script: SCRIPT });
}
