import { smallFontSize } from "../plots/drawing.ts";
import { dark, declarations, light } from "./palette.ts";

/**
 * The page's style. Light unless a screen asks for dark; paper is always light. Plots come in two widths, of which a style
 * rule shows one, so that their text is never scaled to nothing.
 */
export const style = `
:root{color-scheme:light dark;${declarations(light)}}
@media screen and (prefers-color-scheme:dark){:root{${declarations(dark)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
main,header,footer{max-width:880px;margin:0 auto;padding:0 24px}
header{padding-top:40px}
footer{padding-bottom:48px;color:var(--muted);font-size:14px}
h1{font-size:32px;line-height:1.2;margin:0 0 4px}
h2{font-size:25px;line-height:1.25;margin:56px 0 12px;padding-top:24px;border-top:2px solid var(--rule)}
h3{font-size:18px;margin:32px 0 8px}
p{margin:8px 0}
ul,ol{margin:8px 0;padding-left:22px}
li{margin:4px 0}
a{color:var(--link)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
code{overflow-wrap:anywhere;font:14px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.skip{position:absolute;left:-9999px}
.skip:focus{left:24px;top:8px;background:var(--surface);padding:8px}
.muted{color:var(--muted)}
.verdict{background:var(--surface);border:1px solid var(--grid);border-left:6px solid var(--own);border-radius:6px;padding:16px 20px;margin:12px 0}
.verdict p{margin:4px 0}
.lead{font-size:21px;font-weight:650}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:16px;margin:12px 0}
.answers>div{background:var(--surface);border:1px solid var(--grid);border-radius:6px;padding:12px 16px}
.answers h4{margin:0;font-size:14px;font-weight:600;color:var(--muted)}
.answers .answer{font-size:19px;font-weight:650;margin:2px 0 6px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:15px;background:var(--surface)}
caption{text-align:left;font-weight:600;padding:8px 0;background:var(--page)}
th,td{text-align:left;vertical-align:top;padding:8px 10px;border-bottom:1px solid var(--grid)}
thead th{border-bottom:2px solid var(--rule);font-size:14px}
tbody th{font-weight:600}
.plain tbody th{font-weight:400}
.date{white-space:nowrap}
.range{font-size:14px}
tfoot th,tfoot td{border-top:2px solid var(--rule);font-weight:650}
.number{text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:normal}
tbody td.number,tfoot td.number{white-space:nowrap}
figure{margin:12px 0;background:var(--surface);border:1px solid var(--grid);border-radius:6px;padding:14px}
figcaption{font-size:14px;color:var(--muted);margin:0 0 8px}
figcaption strong{color:var(--text)}
figure svg{display:block;width:100%;height:auto}
figure svg text{font-size:${smallFontSize}px;dominant-baseline:central}
.wide{max-width:860px}
.narrow{max-width:460px;margin:0 auto}
.wide{display:none}
.small{display:grid;grid-template-columns:repeat(auto-fit,minmax(236px,1fr));gap:14px}
.small figure{margin:0;padding:10px}
.small svg{max-width:400px;margin:0 auto}
.keys{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0 0 10px;padding:0;font-size:14px}
.keys li{display:flex;align-items:center;gap:8px;margin:0}
.key{flex:none;width:28px;height:12px;display:inline-block;forced-color-adjust:none;-webkit-print-color-adjust:exact;print-color-adjust:exact}
.key.line{height:0;border-top:3px solid}
.key.dashed{border-top-style:dashed}
.key.dotted{border-top-style:dotted}
.key.hollow{border:2px solid;background:none}
.key.diamond{width:12px;transform:rotate(45deg)}
.flag{display:inline-block;background:var(--flag-surface);color:var(--flag);border:1px solid var(--flag);border-radius:4px;padding:0 6px;font-size:13px;font-weight:600;white-space:nowrap}
.best{display:inline-block;border:1px solid var(--hosted);color:var(--hosted);border-radius:4px;padding:0 6px;font-size:13px;font-weight:600}
.none{border-style:dashed;color:var(--muted)}
.error{border-left-color:var(--error)}
details{margin:8px 0}
summary{cursor:pointer;color:var(--link)}
dl.inputs{display:grid;grid-template-columns:minmax(150px,1fr) 2fr;gap:4px 16px;margin:8px 0;font-size:15px}
dl.inputs dt{color:var(--muted)}
dl.inputs dd{margin:0}
@media (min-width:720px){.wide{display:block}.narrow{display:none}}
@media (max-width:719px){main,header,footer{padding-left:16px;padding-right:16px}h1{font-size:26px}h2{font-size:22px}figure{padding:10px 6px}figcaption,.keys{padding:0 6px}th,td{padding:6px 6px}.stacked thead{position:absolute;left:-9999px}.stacked tbody tr,.stacked tfoot tr{display:block;border-bottom:2px solid var(--grid);padding:6px 0}.stacked tbody th,.stacked tbody td,.stacked tfoot th,.stacked tfoot td{display:block;border:0;padding:2px 0;text-align:left;white-space:normal!important}.stacked td[data-label]::before{content:attr(data-label) ": ";color:var(--muted)}.stacked td:empty{display:none!important}dl.inputs{grid-template-columns:1fr}dl.inputs dd{margin-bottom:6px}}
@media print{@page{margin:14mm}:root{color-scheme:light}body{background:#fff;font-size:10.5pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}main,header,footer{max-width:none;padding:0}header{padding-top:0}.wide{display:block}.narrow,.skip,details.figures{display:none}details:not(.figures)::details-content{content-visibility:visible;height:auto}details:not(.figures)>summary{list-style:none;color:inherit;font-weight:600}caption{background:none}tfoot{display:table-row-group}h2,h3,h4,caption{break-after:avoid}h2{margin-top:28px}figure,table,.verdict,.answers>div,li{break-inside:avoid}thead{display:table-header-group}.workload{break-before:page}.workload:first-of-type{break-before:auto}.scroll{overflow:visible}table{font-size:9.5pt}.small{grid-template-columns:repeat(3,1fr);gap:8px}a{color:inherit;text-decoration:none}}
`
  .trim()
  .replaceAll("\n", "");
