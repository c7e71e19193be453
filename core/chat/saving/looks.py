"""How a saved page looks: calm, readable on a phone and on paper, light or dark as the reader has it."""

STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; color: light-dark(#1d1f1d, #e9e7e1); background: light-dark(#fcfbf8, #151817);
  font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; overflow-wrap: anywhere; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
.asked { white-space: pre-wrap; background: light-dark(#efece3, #232927); border-radius: 1.1rem 1.1rem 0.3rem 1.1rem;
  padding: 0.6rem 1rem; margin: 0 0 1.5rem auto; width: fit-content; max-width: 85%; box-sizing: border-box; }
h1, h2, h3, h4 { line-height: 1.25; }
a { color: light-dark(#0d7a6d, #5fd0c0); }
pre, code { font-family: ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace; font-size: 0.9em; }
pre { background: light-dark(#f3f1ea, #1d2220); padding: 0.8rem 1rem; border-radius: 0.7rem; white-space: pre-wrap; }
blockquote { margin-inline: 0; padding-left: 1rem; border-left: 3px solid light-dark(#dedad0, #343a37); }
figure { margin: 1.5rem 0; break-inside: avoid; }
img, video, svg { display: block; max-width: 100%; height: auto; border-radius: 0.7rem; }
.wide svg { width: 100%; min-width: 34rem; border-radius: 0; }
audio { width: 100%; }
figcaption, .quiet, footer { font-size: 0.85rem; opacity: 0.75; }
figcaption { margin-block: 0.4rem; }
details { margin-block: 0.5rem; }
summary { cursor: pointer; font-size: 0.85rem; }
.said { white-space: pre-wrap; }
.problem { border: 1px solid light-dark(#b3392e, #dd8a78); border-radius: 0.7rem; padding: 0.6rem 1rem; }
.wide { overflow-x: auto; overflow-wrap: normal; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid light-dark(#dedad0, #343a37);
  vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
footer { margin-top: 3rem; border-top: 1px solid light-dark(#dedad0, #343a37); padding-top: 0.8rem; }
"""
