/** Colours keep a contrast of at least 4.5 to 1 for words, and 3 to 1 for signs and lines (WCAG 2.2, AA), in both themes. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1a2230;--soft:#566072;--line:#d9dee6;--edge:#8a94a6;
--good:#11703c;--good-back:#e3f4ea;--bad:#b3261e;--bad-back:#fdeae8;--warn:#8a5300;--warn-back:#fff1d6;--accent:#3451b2;--none-back:#eceff3}
@media (prefers-color-scheme:dark){:root{--page:#0f141b;--card:#171e28;--ink:#e8ecf2;--soft:#a5b0c0;--line:#2c3644;--edge:#66738a;
--good:#5bd48e;--good-back:#12301f;--bad:#ff8f85;--bad-back:#3d1a1a;--warn:#f2b84b;--warn-back:#36280e;--accent:#9db2ff;--none-back:#232c39}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1040px;margin:0 auto;padding:20px 16px 48px}
h1{font-size:26px;line-height:1.2;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:17px;line-height:1.3;margin:36px 0 10px}
h3{font-size:14px;margin:16px 0 6px;color:var(--soft);font-weight:600}
p{margin:6px 0}a{color:var(--accent)}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.soft{color:var(--soft)}.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--card);padding:8px 12px;z-index:2}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
header{background:var(--card);border:1px solid var(--line);border-left:6px solid var(--edge);border-radius:12px;padding:18px 20px;display:grid;gap:6px}
header.good{border-left-color:var(--good)}header.bad{border-left-color:var(--bad)}header.warn{border-left-color:var(--warn)}
header .verdict{font-size:15px;font-weight:600}
header .good{color:var(--good)}header .bad{color:var(--bad)}header .warn{color:var(--warn)}
.badge{display:inline-block;white-space:nowrap;border-radius:999px;padding:1px 9px;font-size:13px;font-weight:600;background:var(--none-back);color:var(--soft)}
.badge.good{background:var(--good-back);color:var(--good)}.badge.bad{background:var(--bad-back);color:var(--bad)}.badge.warn{background:var(--warn-back);color:var(--warn)}
.remarks{list-style:none;margin:0;padding:0;display:grid;gap:10px}
.remarks>li{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--edge);border-radius:10px;padding:12px 16px;overflow-wrap:anywhere}
.remarks>li.bad{border-left-color:var(--bad)}.remarks>li.warn{border-left-color:var(--warn)}
.remarks p:first-child{margin-top:0}.remarks p:last-child{margin-bottom:0}.remarks ul{margin:6px 0;padding-left:20px}
.topology{margin:0;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px}
.picture{display:block;width:100%;height:auto;margin:0 auto;font-size:13px}.picture.wide{display:none}.picture.narrow,.picture.any{max-width:460px}
.picture text{fill:var(--soft)}.picture .name{fill:var(--ink);font-weight:600;font-size:14px}
.picture rect{fill:var(--page);stroke:var(--edge)}.picture .zone.bad rect{stroke:var(--bad);stroke-dasharray:5 4}.picture .zone.warn rect{stroke:var(--warn)}
.picture .zone circle{fill:var(--good)}.picture .zone.bad circle{fill:var(--bad)}.picture .zone.warn circle{fill:var(--warn)}
.picture .global text{text-anchor:middle}.picture .global rect{stroke:var(--accent);stroke-width:1.5}
.link,.rail{fill:none;stroke:var(--good);stroke-width:2}.rail{stroke:var(--edge)}.link.bad{stroke:var(--bad);stroke-dasharray:4 5}.link.warn{stroke:var(--warn)}
.dense .arc{stroke-width:1.2;opacity:.75}.small{font-size:12px}.arc{fill:none;stroke:var(--accent);stroke-width:2}.arc.stale{stroke:var(--warn);stroke-dasharray:7 4}.arc.closed{stroke:var(--bad);stroke-dasharray:2 5;stroke-linecap:round}
marker path{fill:context-stroke}
.legend{list-style:none;margin:12px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:4px 20px;font-size:13px;color:var(--soft)}
.legend svg{vertical-align:middle}
.cards,.remarks,header{grid-template-columns:minmax(0,1fr)}.cards{display:grid;gap:10px}
details{background:var(--card);border:1px solid var(--line);border-radius:10px}
details>:not(summary){margin-left:16px;margin-right:16px}details>:last-child{margin-bottom:16px}
summary{cursor:pointer;padding:11px 16px;border-radius:10px;list-style:none}
summary::-webkit-details-marker{display:none}
summary::before{content:"";display:inline-block;width:7px;height:7px;border:solid var(--soft);border-width:0 2px 2px 0;transform:rotate(-45deg);margin:0 13px 2px 2px}
details[open]>summary::before{transform:rotate(45deg)}
.cards summary{display:grid;grid-template-columns:1.1rem minmax(0,1fr) auto;gap:4px 8px;align-items:center}
.cards summary::before{margin:0 0 0 2px}.cards .badge{justify-self:start}
.cards summary strong{overflow-wrap:anywhere}.cards .facts{grid-column:2/-1;color:var(--soft);font-size:14px}
.facts span{white-space:nowrap}.facts span:not(:last-child)::after{content:"·";margin:0 2px 0 6px;color:var(--soft);font-weight:400}
.facts .bad{color:var(--bad);font-weight:600}.facts .warn{color:var(--warn);font-weight:600}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) minmax(0,1fr);gap:3px 16px;margin-top:0;margin-bottom:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.scroll{position:relative;overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
details .scroll{background:none}.scroll+details{margin-top:10px}.looks tbody th{white-space:nowrap}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:7px 12px;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--soft);font-weight:600;font-size:13px;white-space:nowrap}
tbody th{font-weight:600;min-width:7rem;overflow-wrap:anywhere}
.numbers td{text-align:right}.numbers thead th:not(:first-child){text-align:right}
.matrix{width:auto;min-width:min(100%,22rem)}.matrix td,.matrix thead th{text-align:center;padding:7px 6px;min-width:26px}
.matrix thead th:first-child{text-align:left;padding-left:12px}
.matrix tbody th{position:sticky;left:0;background:var(--card);min-width:6rem;max-width:12rem;border-right:1px solid var(--line)}
.cell{display:inline-block;width:22px;height:22px;line-height:22px;border-radius:6px;font-weight:700;font-size:13px;background:var(--none-back);color:var(--soft)}
.cell.good{background:var(--good-back);color:var(--good)}.cell.bad{background:var(--bad-back);color:var(--bad)}.cell.warn{background:var(--warn-back);color:var(--warn)}
.history{display:grid;grid-template-columns:minmax(4rem,max-content) minmax(0,1fr);gap:5px 12px;align-items:center;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;font-size:13px}
.history span{overflow-wrap:anywhere;max-width:11rem}.history svg{display:block;width:100%;height:16px}
.history rect{fill:var(--none-back)}.history .good{fill:var(--good)}.history .bad{fill:var(--bad)}.history .warn{fill:var(--warn)}
.history .scale{grid-column:2;display:flex;justify-content:space-between;color:var(--soft);max-width:none}
.history+details{margin-top:10px}
footer{margin-top:40px;color:var(--soft);font-size:13px}
@media (max-width:559px){.stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.stack,.stack tbody{display:block}.stack tr{display:grid;gap:2px;padding:10px 14px;border-top:1px solid var(--line)}.stack tr:first-child{border-top:0}
.stack th,.stack td{border:0;padding:0}.stack td{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:8px;overflow-wrap:anywhere}.stack td::before{content:attr(data-label);color:var(--soft)}
.stack .badge{justify-self:start;white-space:normal}
.numbers thead th{white-space:normal}.numbers th,.numbers td{padding:7px 6px}.numbers tbody th{min-width:0;overflow-wrap:break-word}}
@media (min-width:720px){.picture.wide{display:block}.picture.narrow{display:none}main{padding:32px 24px 64px}
.cards summary{grid-template-columns:1.1rem minmax(8rem,13rem) 9rem minmax(0,1fr)}.cards .facts{grid-column:auto}
.matrix tbody th{white-space:nowrap;max-width:none}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--edge:#777;--good:#11703c;--good-back:#e3f4ea;--bad:#b3261e;--bad-back:#fdeae8;--warn:#8a5300;--warn-back:#fff1d6;--accent:#3451b2;--none-back:#eceff3;color-scheme:light}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}body{font-size:11px}main{max-width:none;padding:0}.skip{display:none}
h2{margin-top:20px;break-after:avoid}.picture.wide{display:block}.picture.narrow{display:none}
header,.remarks>li,.topology,tr,.history{break-inside:avoid}.scroll{overflow:visible}
details::details-content{display:block;content-visibility:visible;height:auto;opacity:1}.cards 
th,td{padding:3px 8px}table{font-size:10.5px}}
`.trim();
