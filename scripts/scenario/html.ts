/** Owns the report for a reader: one page without any other file, the verdict first, then times against bounds, timeline, ladder, events. */
import { ladderDrawing, timeline } from './drawings.ts';
import { escaped } from './junit.ts';
import type { ScenarioOutcome, StepOutcome } from './outcome.ts';
import { passed, seconds } from './outcome.ts';
import { panelDrawing } from './panel-drawing.ts';

const STYLE = `:root{color-scheme:light dark;--ink:#1c2733;--soft:#5a6b7b;--line:#dde3e8;--paper:#fff;--good:#1d7f4f;--bad:#c0392b;--late:#b36b00;--primary:#2f74b5;--backup:#c77700;--none:#a33a3a}
@media (prefers-color-scheme:dark){:root{--ink:#e4eaf0;--soft:#9aabba;--line:#33404c;--paper:#151b21;--good:#4cc38a;--bad:#f2705f;--late:#e8a33d;--primary:#3f83c4;--backup:#b8730f;--none:#9c4545}}
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:1080px;margin:0 auto;padding:24px 20px 64px}h1{font-size:24px;margin:0 0 4px}h2{font-size:19px;margin:0}h3{font-size:14px;margin:24px 0 8px;color:var(--soft)}
.facts{color:var(--soft);margin:0 0 16px}.badge{display:inline-block;border-radius:4px;padding:1px 9px;font-weight:600;font-size:13px;color:#fff;background:var(--bad)}.badge.passed{background:var(--good)}.badge.missed{background:var(--late)}.badge.skipped{background:var(--soft)}
nav{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:8px;margin:16px 0 8px}nav a{display:flex;justify-content:space-between;gap:8px;border:1px solid var(--line);border-radius:6px;padding:7px 11px;color:inherit;text-decoration:none}nav a:hover{border-color:var(--soft)}
section{border-top:1px solid var(--line);margin-top:36px;padding-top:24px}header{display:flex;gap:12px;align-items:baseline;flex-wrap:wrap}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:500;font-size:13px}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.tick-mark{color:var(--good);font-weight:700}.why{color:var(--bad);font-size:13px}.meter{display:block;height:6px;width:150px;background:var(--line);border-radius:3px;margin-top:8px}.meter i{display:block;height:6px;border-radius:3px;background:var(--good)}.meter.missed i{background:var(--late)}
svg{width:100%;height:auto;display:block}svg text{font:12px system-ui,sans-serif;fill:var(--ink)}.timeline{min-width:640px}.ticks,.actname{font-size:11px!important;fill:var(--soft)!important}.inbar{fill:#fff!important}
rect.primary{fill:var(--primary)}rect.backup{fill:var(--backup)}rect.none{fill:var(--none)}.act{stroke:var(--soft);stroke-dasharray:3 3}.tick,.life{stroke:var(--line)}.sent,.received{stroke:var(--ink);fill:none}marker path{fill:var(--ink)}.rung{font-size:11px!important}.noted{font-size:11px!important;fill:var(--late)!important}.peer{font-weight:600}
.panel{width:auto;max-width:100%;height:auto;margin:8px 0}.panel text{fill:#e8eef4}.panel .cell{font:13px ui-monospace,monospace}.panel .lampname{font-size:10px!important}.ladder{min-width:520px}details{margin-top:14px}summary{cursor:pointer;color:var(--soft)}pre{font:12px/1.45 ui-monospace,monospace;overflow-x:auto;margin:8px 0}`;

export interface Heading {
  /** The command that ran them. */
  readonly title: string;
  readonly version: string;
}

export function html(outcomes: readonly ScenarioOutcome[], { title, version }: Heading): string {
  const failed = outcomes.filter((outcome) => !passed(outcome)).length;
  const [first] = outcomes;
  const when = first === undefined ? '' : new Date(first.startedAt).toISOString().slice(0, 19).replace('T', ' ');
  const servers = [...new Set(outcomes.map((outcome) => outcome.servers))].join(', ');
  const verdict =
    failed === 0 ? `${badge('passed')} all ${outcomes.length}` : `${badge('failed')} ${failed} of ${outcomes.length}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(title)}: ${failed === 0 ? 'passed' : 'failed'}</title><style>${STYLE}</style></head><body><main>
<h1>${verdict}</h1>
<p class="facts">Holdfast ${escaped(version)} · ${when} UTC · against ${escaped(servers)}</p>
<nav>${outcomes.map(link).join('')}</nav>
${outcomes.map(section).join('\n')}
</main></body></html>
`;
}

const badge = (verdict: StepOutcome['verdict']): string => `<span class="badge ${verdict}">${verdict}</span>`;

const verdictOf = (outcome: ScenarioOutcome): StepOutcome['verdict'] => (passed(outcome) ? 'passed' : 'failed');

const link = (outcome: ScenarioOutcome): string =>
  `<a href="#${escaped(outcome.scenario.name)}"><span>${escaped(outcome.scenario.name)}</span>${badge(verdictOf(outcome))}</a>`;

function section(outcome: ScenarioOutcome): string {
  const { scenario, steps, events, rungs, tookMs } = outcome;
  return `<section id="${escaped(scenario.name)}">
<header><h2>${escaped(scenario.name)}</h2>${badge(verdictOf(outcome))}<span class="facts">${seconds(tookMs)}</span></header>
<p>${escaped(scenario.title)}</p>
<h3>Timeline</h3>
<div class="wide">${timeline(outcome)}</div>
<h3>Steps</h3>
<div class="wide"><table><thead><tr><th></th><th class="number">at</th><th>step</th><th class="number">measured</th><th>of its bound</th></tr></thead>
<tbody>${steps
    .filter(({ step }) => step.what.kind !== 'say' && step.what.kind !== 'lab')
    .map(row)
    .join('\n')}</tbody></table></div>
<details><summary>SIP ladder, ${rungs.length} lines</summary><div class="wide">${ladderDrawing(rungs)}</div></details>
<details><summary>${events.length} events</summary><pre>${escaped2(events.map(({ at, fields }) => `${(at / 1000).toFixed(3).padStart(9)}  ${JSON.stringify(fields)}`).join('\n'))}</pre></details>
</section>`;
}

function row({ step, verdict, at, measuredMs, message, panel }: StepOutcome): string {
  const why = message === null || verdict === 'skipped' ? '' : `<div class="why">${escaped(message)}</div>`;
  return `<tr><td>${verdict === 'passed' ? '<span class="tick-mark">✓</span>' : badge(verdict)}</td><td class="number">${(at / 1000).toFixed(3)}</td><td>${escaped(step.title)}${why}${panel === null ? '' : panelDrawing(panel)}</td><td class="number">${measuredMs === null ? '' : seconds(measuredMs)}</td><td>${meter(step.boundS, measuredMs, verdict)}</td></tr>`;
}

function meter(boundS: number | null, measuredMs: number | null, verdict: string): string {
  if (boundS === null || measuredMs === null) return '';
  const part = Math.min(100, Math.max(1, (measuredMs / 1000 / boundS) * 100));
  return `at most ${boundS} s<span class="meter ${verdict}"><i style="width:${part.toFixed(0)}%"></i></span>`;
}

/** Lines stay lines in a block of text. */
const escaped2 = (text: string): string => text.split('\n').map(escaped).join('\n');
