/** The frame of the servers' public pages: nothing from elsewhere, light and dark, readable on a phone. */
import { sha256 } from '@polyplex/crypto';
import { utf8 } from '@polyplex/base';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Safe as text and inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const STYLE = `:root{color-scheme:light dark;--line:#8884;--faint:#8881}
*{box-sizing:border-box}
body{font:17px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;margin:0;padding:1.5rem 1rem 4rem}
main{max-width:42rem;margin:0 auto}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
dl{margin:0;border-top:1px solid var(--line)}
dl>div{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.45rem 0;border-bottom:1px solid var(--line)}
dt{flex:0 0 12rem;opacity:.75}
dd{flex:1 1 14rem;margin:0;overflow-wrap:anywhere}
code,textarea{font:15px/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
.box{display:block;padding:.75rem;background:var(--faint);border:1px solid var(--line);border-radius:.5rem;user-select:all}
.button{display:inline-block;font:inherit;padding:.6rem 1.1rem;margin:.25rem .5rem .25rem 0;border:1px solid currentColor;border-radius:.5rem;background:none;color:inherit;text-decoration:none;cursor:pointer}
.qr{display:block;width:15rem;max-width:100%;height:auto;margin:1rem 0;background:#fff;border-radius:.5rem}
li{margin:.35rem 0}
[hidden]{display:none}`;

function hashOf(text: string): string {
  return `'sha256-${Buffer.from(sha256(utf8(text))).toString('base64')}'`;
}

export interface Page {
  readonly html: string;
  /** Content-Security-Policy: this page's own style and script and nothing else, from anywhere. */
  readonly policy: string;
}

export interface PageParts {
  readonly title: string;
  /** Trusted HTML: whoever builds it escapes what operators gave. */
  readonly body: string;
  /** Inline script of our own. */
  readonly script?: string;
  /** Path of a module that the same server serves; it may start workers from there. */
  readonly module?: string;
  /** Whether scripts may send requests to other servers, over HTTPS. */
  readonly connects?: boolean;
  /** Rules added to the style of all pages. */
  readonly style?: string;
}

export function htmlPage({ title, body, script = '', module, connects = false, style = '' }: PageParts): Page {
  const inline = script === '' ? '' : `<script>${script}</script>`;
  const loaded = module === undefined ? '' : `<script type="module" src="${module}"></script>`;
  const css = `${STYLE}${style}`;
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer"><title>${escapeHtml(title)}</title><style>${css}</style>${loaded}</head>
<body><main>
${body}
</main>${inline}</body></html>
`;
  const policy = [
    "default-src 'none'", `style-src ${hashOf(css)}`, 'img-src data:',
    ...(script === '' ? [] : [`script-src ${hashOf(script)}`]),
    ...(module === undefined ? [] : ["script-src 'self'", "worker-src 'self'"]),
    ...(connects ? ["connect-src 'self' https:"] : []),
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ];
  return { html, policy: policy.join('; ') };
}
