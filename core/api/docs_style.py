"""How `/api/docs` looks. It stands in the page itself, allowed by its hash."""

STYLE = """
:root { color-scheme: light dark; --line: #d5d9de; --soft: #f4f5f7; --quiet: #59616b; --link: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --line: #3a414a; --soft: #1d2228; --quiet: #a3adb8; --link: #7ab8f5; }
  body { background: #13171c; color: #e6e9ed; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; } h2 { margin: 2rem 0 .25rem; } h4 { margin: 1rem 0 .25rem; }
a { color: var(--link); }
code { font: .875em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: .5rem 0; border-block: 1px solid var(--line); }
nav a { padding: .25rem 0; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: 0 .75rem; }
details[open] { padding-bottom: .75rem; }
summary { cursor: pointer; padding: .6rem 0; }
summary span:last-child { color: var(--quiet); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
:target { background: var(--soft); }
.method { display: inline-block; min-width: 4rem; font-weight: 600; font-size: .8rem; letter-spacing: .03em; }
dl { display: grid; grid-template-columns: minmax(6rem, 14rem) 1fr; margin: 0; }
dt, dd { margin: 0; padding: .35rem .5rem .35rem 0; border-top: 1px solid var(--line); min-width: 0; }
dd em { color: var(--quiet); }
@media (max-width: 34rem) { dl { display: block; } dd { border-top: 0; padding-top: 0; padding-left: 1rem; } }
"""
