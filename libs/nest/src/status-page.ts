/** The status page as text. Everything in it is escaped; it refers to nothing outside. */
import type { StatusRow } from './admin-options.ts';

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
th{text-align:left;font-weight:normal;opacity:.7;padding-right:2rem;vertical-align:top}td{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

export function statusPage(title: string, rows: readonly StatusRow[]): string {
  const table = rows.map(({ label, value }) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(String(value))}</td></tr>`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><h1>${escapeHtml(title)}</h1>
<table>${table.join('\n')}</table><p><a href="/metrics">Metrics</a> · <a href="/readyz">Readiness</a></p></body></html>\n`;
}
