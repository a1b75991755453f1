/**
 * The console: asks the admin port that served it, and shows what it says. It changes nothing on any server. Whatever is
 * shown is text; what the page may load and run is its own files and nothing else (`console-files.ts`).
 */
import { createAdminPort } from './admin-port.ts';
import { createPage } from './view/page.ts';
import { createNetworks } from './model/networks.ts';
import { createWatch, type Link } from './watch.ts';

const port = createAdminPort();
const networks = createNetworks();
let link: Link = { state: 'starting' };
let answeredAt: number | null = null;
/** By how much the server's clock is ahead of the browser's: all that is shown goes by the server's. */
let aheadMs = 0;

const page = createPage({
  onToken: (token) => {
    port.setToken(token);
    watch.again();
  },
  onForget: () => {
    port.setToken(null);
    watch.again();
  },
});

function show(): void {
  page.update({ networks, link, answeredAt, hasToken: port.hasToken(), now: Date.now() + aheadMs });
}

const watch = createWatch(port, {
  onFleet: (fleet, now) => {
    answeredAt = Date.parse(fleet.at);
    aheadMs = answeredAt - now;
    networks.tell(fleet, answeredAt);
  },
  onHistory: (history) => {
    networks.remember(history);
    show();
  },
  onLink: (now) => {
    link = now.state === 'lost' ? { ...now, since: now.since + aheadMs } : now;
    // What was seen with a token is not left on the screen without one.
    if (link.state === 'token') networks.clear();
    show();
  },
});

addEventListener('hashchange', show);
document.body.replaceChildren(page.element);
show();
