/** What a load test found, for people: `report.html`, one file that needs nothing else. The first paragraph is the answer. */
import { escapeHtml } from '@polyplex/node';
import { type Chart, chartOf, short } from './chart.ts';
import type { Report } from './report.ts';
import type { Window } from './windows.ts';

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top;font-variant-numeric:tabular-nums}
th{font-weight:600}.answer{font-size:1.15rem;border-left:4px solid #0b6bcb;padding:.2rem 0 .2rem 1rem}.bad{border-color:#c45500}figure{margin:1.5rem 0}figcaption{font-weight:600}
svg{width:100%;height:auto}svg path{fill:none;stroke-width:2}svg text{font-size:11px;fill:currentColor;opacity:.7}.grid{stroke:currentColor;opacity:.15}.mark{stroke:#c45500;stroke-dasharray:4 3}
.legend span{margin-right:1.2rem;white-space:nowrap}.legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.4rem;border-radius:2px}small{opacity:.75}`;

const WHYS = {
  failures: 'more than one in a hundred failed',
  slow: 'messages took longer than allowed',
  behind: 'it no longer kept up with what came',
} as const;

export function reportHtml(report: Report): string {
  const { plan, knee } = report;
  const title = `Load test: ${plan.scenario}, ${plan.profile}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(title)}</h1>
<p class="answer${report.thresholdsHold ? '' : ' bad'}">${escapeHtml(answerOf(report))}</p>
${report.doubts.length === 0 ? '' : `<h2>Mind this</h2><ul>${report.doubts.map((doubt) => `<li>${escapeHtml(doubt)}</li>`).join('')}</ul>`}
${estimateOf(report)}
<h2>Over time</h2>
${chartsOf(report).map(chartOf).join('\n')}
<h2>Figures</h2>
${table([
  ['Users connected', String(plan.users)],
  ['Highest rate asked for', `${short(plan.rate)} messages a second`],
  ['Carried at best', knee === null ? 'nothing' : `${short(knee.rate)} operations a second${knee.messages > 0 ? `, ${short(knee.messages)} messages` : ''}`],
  ['Delay at that rate (p50, p95, p99)', delaysAt(report)],
  ['Messages sent, delivered', `${report.totals.sent}, ${report.totals.delivered}`],
  ['Accepted and lost', String(report.totals.lost)],
  ['Delivered again after their acknowledgement', String(report.totals.repeated)],
  ['Failures', Object.entries(report.totals.failures).map(([code, times]) => `${code}: ${times}`).join(', ') || 'none'],
  ['Used up first', report.saturation.length === 0 ? 'nothing' : report.saturation.map(({ name, what }) => `${name}: ${what}`).join(', then ')],
])}
<h2>Bounds</h2>
${table(report.thresholds.map(({ metric, bound, held }) => [`${metric} ${bound}`, held ? 'held' : 'NOT held']))}
<p><small>Polyplex ${escapeHtml(report.version)}, ${escapeHtml(report.startedAt)} to ${escapeHtml(report.endedAt)}, from ${escapeHtml(report.machine.name)} with ${report.machine.cores} cores.
Delays are measured by the clients, beside their sockets: a message from the call that sends it until its recipient has it.</small></p></body></html>\n`;
}

/** One paragraph that somebody who reads no further takes home. */
export function answerOf({ knee, plan, thresholdsHold, saturation, totals }: Report): string {
  if (knee === null) return 'The server did not carry this load: no part of the test went well enough to tell a rate. The figures below say what failed.';
  const what = knee.messages > 0 ? `${short(knee.messages)} messages a second` : `${short(knee.rate)} operations a second`;
  const first = saturation.find(({ kind }) => kind === 'node');
  const limit = first === undefined ? '' : ` What was used up first: the ${first.what} of ${first.name}.`;
  const broke = knee.broke === null
    ? `The server carried ${what}, the most that was tried, and did not break.`
    : `The server carried ${what}; at ${short(knee.broke.planned)} operations a second ${WHYS[knee.broke.why]}.`;
  const kept = totals.lost === 0 ? ' No accepted message was lost.' : ` ${totals.lost} accepted messages were not delivered in time.`;
  const held = thresholdsHold ? ` All bounds of the ${plan.profile} profile held.` : plan.profile === 'breakpoint' && knee.broke !== null ? '' : ` Bounds of the ${plan.profile} profile were crossed.`;
  return `${broke}${limit}${kept}${held}`;
}

function estimateOf({ estimate }: Report): string {
  if (estimate === null) return '';
  const shards = estimate.shards === 0 ? 'on the embedded store' : `and ${estimate.shards} Redis primaries, each with a replica`;
  return `<h2>For ${estimate.users.toLocaleString('en')} users</h2><p class="answer">${estimate.nodes} ${estimate.nodes === 1 ? 'node' : 'nodes'} ${shards}: ${short(estimate.busiestRate)} messages a second in the busiest hour.</p>
<p><small>Assumed: ${estimate.assumptions.map((assumption) => escapeHtml(assumption)).join('; ')}.</small></p>`;
}

function chartsOf({ windows, nodes, swarm, knee }: Report): Chart[] {
  const mark = knee?.broke ? { at: knee.broke.at, label: 'breaks' } : null;
  const line = (name: string, figure: (window: Window) => number | null) => ({ name, points: windows.map((window) => ({ at: window.at, value: figure(window) })) });
  const parties = [...nodes.map(({ name, samples }) => ({ name, samples })), ...swarm];
  return [
    { title: 'Load', unit: 'operations a second', mark, lines: [line('asked for', ({ planned }) => planned), line('begun', ({ offered }) => offered), line('done', ({ done }) => done), line('failed', ({ failed }) => failed)] },
    { title: 'Delay', unit: 'milliseconds', mark, lines: [line('p50', ({ p50 }) => p50), line('p95', ({ p95 }) => p95), line('p99', ({ p99 }) => p99)] },
    { title: 'Processor', unit: 'cores', mark, lines: parties.map(({ name, samples }) => ({ name, points: samples.map(({ at, cores }) => ({ at, value: cores })) })) },
    { title: 'Event-loop lag, p99', unit: 'milliseconds', mark, lines: parties.map(({ name, samples }) => ({ name, points: samples.map(({ at, loopLagMs }) => ({ at, value: loopLagMs })) })) },
    ...(nodes.length === 0 ? [] : [
      { title: 'Memory', unit: 'MiB', mark, lines: nodes.map(({ name, samples }) => ({ name, points: samples.map(({ at, memoryBytes }) => ({ at, value: memoryBytes / 2 ** 20 })) })) },
      { title: 'Step of the store, p99', unit: 'milliseconds', mark, lines: nodes.map(({ name, samples }) => ({ name, points: samples.map(({ at, storeP99Ms }) => ({ at, value: storeP99Ms })) })) },
    ]),
  ];
}

function delaysAt({ knee, windows }: Report): string {
  const window = windows.find(({ at }) => at === knee?.at);
  const shown = [window?.p50, window?.p95, window?.p99].map((ms) => (ms === null || ms === undefined ? '–' : `${short(ms)} ms`));
  return shown.join(', ');
}

function table(rows: readonly (readonly [string, string])[]): string {
  return `<table>${rows.map(([label, value]) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td></tr>`).join('')}</table>`;
}
