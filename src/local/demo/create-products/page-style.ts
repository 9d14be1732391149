import { Html } from '../html.ts';

/** Colours follow the reader's light or dark setting. */
export const pageStyle = new Html(`
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #101317);
  --card: light-dark(#ffffff, #191d23);
  --edge: light-dark(#e3e6ea, #2a3038);
  --ink: light-dark(#16191d, #eceff3);
  --soft: light-dark(#5c6570, #9aa5b1);
  --call: light-dark(#0e7490, #22a6c3);
  --continuation: light-dark(#6d4bc9, #9b7df0);
  --good: light-dark(#15803d, #4ade80);
  --bad: light-dark(#b91c1c, #f87171);
  --check: light-dark(#e4e7eb, #343c47);
}
* { box-sizing: border-box; margin: 0; }
body { background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; padding: 40px 24px 80px; }
header, main { max-width: 1240px; margin-inline: auto; }
.brand { color: var(--call); font-weight: 650; letter-spacing: .02em; }
h1 { font-size: 34px; line-height: 1.15; letter-spacing: -.02em; margin-bottom: 24px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; }
.figures > div { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 14px 18px; }
dt, .note, .facts, figcaption { color: var(--soft); font-size: 13px; }
.value { font-size: 26px; font-weight: 620; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.split { display: flex; gap: 3px; margin: 12px 0; border-radius: 12px; overflow: hidden; }
.split span { flex-basis: 0; min-width: max-content; padding: 6px 14px; color: #fff; font-size: 13px; font-weight: 560; }
header .call { background: #0e7490; }
header .continuation { background: #6d4bc9; }
.timeline { display: grid; grid-template-columns: max-content 1fr; align-items: center; gap: 4px 14px; color: var(--soft); font-size: 13px; }
.lane { position: relative; height: 16px; background: var(--card); border: 1px solid var(--edge); border-radius: 4px; }
.lane i { position: absolute; inset-block: 2px; min-width: 2px; border-radius: 2px; }
.lane .mark { inset-block: -4px; width: 2px; background: var(--ink); }
.scale { position: relative; height: 20px; font-variant-numeric: tabular-nums; }
.scale span { position: absolute; white-space: nowrap; }
.scale .last { right: 0; }
section { margin-top: 36px; }
h2 { font-size: 19px; line-height: 1.3; letter-spacing: -.01em; }
.facts { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px; margin: 4px 0 12px; }
.badge { border: 1px solid currentColor; border-radius: 99px; padding: 0 9px; font-weight: 560; }
.badge.created { color: var(--good); }
.badge.failed, .badge.pending { color: var(--bad); }
.badge.call { color: var(--call); }
.badge.continuation { color: var(--continuation); }
.photos { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 14px; }
figure { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; overflow: hidden; }
.pair { display: grid; grid-template-columns: 1fr 1fr; aspect-ratio: 2 / 1.15; }
.before, .after { position: relative; display: block; min-width: 0; min-height: 0; }
.pair img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; padding: 10px; }
.after { background: repeating-conic-gradient(var(--check) 0 25%, transparent 0 50%) 0 0 / 20px 20px; }
.hint { position: absolute; inset: auto 0 0; padding: 4px 10px; background: var(--card); color: var(--soft); font-size: 12px; }
.none { background: none; border-left: 1px solid var(--edge); display: grid; align-content: center; gap: 6px; padding: 16px; font-size: 13px; overflow-wrap: anywhere; }
.none strong { color: var(--bad); }
figcaption { display: grid; grid-template-columns: 1fr 1fr; border-top: 1px solid var(--edge); font-size: 12px; font-variant-numeric: tabular-nums; }
figcaption span { padding: 7px 12px; }
figcaption b { font-weight: 560; color: var(--ink); }
`);
