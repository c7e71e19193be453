// Tells the server what stands in the chat's field when its writer pauses, so that it can say which model would answer.
//
// It only reads: nothing here takes the focus, changes the field, or keeps what was typed. It draws nothing.

const PAUSE = 600; // milliseconds without a key until a pause is one
const BUSY = 150; // how soon to look again while the page is at work
const MOST = 100000; // characters; of longer drafts the choice is told when they are sent
const FIELD = ".st-key-composer textarea";
const FILES = '.st-key-composer [data-testid="stFileChipName"]';

const watchers = new WeakMap();
let told = ""; // of the page's one field: whoever watches it next must not tell the same once more

export default function watch({ parentElement, setTriggerValue }) {
  watchers.get(parentElement)?.(); // called again for the same place: the page was drawn anew
  let timer = null;

  const later = (after) => {
    clearTimeout(timer);
    timer = setTimeout(tell, after);
  };

  const tell = () => {
    // While an answer runs, or the page is drawn, it would wait in a queue; what is sent would stand before it.
    const state = document.querySelector('[data-testid="stApp"]')?.getAttribute("data-test-script-state");
    if (state === "running" || document.querySelector(".st-key-answering")) return later(BUSY);
    const text = document.querySelector(FIELD)?.value ?? "";
    if (text.length > MOST) return;
    const files = [...document.querySelectorAll(FILES)].map((each) => each.title);
    const draft = text.trim() || files.length ? { text, files } : { text: "", files: [] };
    const mark = digest(JSON.stringify(draft));
    if (mark === told || (!told && !draft.text && !files.length)) return;
    told = mark;
    setTriggerValue("draft", draft);
  };

  const onInput = (event) => {
    if (event.target.matches?.(FIELD)) later(PAUSE);
  };
  // What is sent needs no telling any more; the same words may be a new draft afterwards.
  const sent = () => {
    clearTimeout(timer);
    told = "";
  };
  const onKey = (event) => {
    if (event.key === "Enter" && !event.shiftKey && event.target.matches?.(FIELD)) sent();
  };
  const onClick = (event) => {
    if (event.target.closest?.('.st-key-composer [data-testid="stChatInputSubmitButton"]')) sent();
  };
  document.addEventListener("input", onInput, true);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("click", onClick, true);

  // Files come and go without an event: their chips are children of the field's container.
  let seen = "";
  const files = new MutationObserver(() => {
    const now = [...document.querySelectorAll(FILES)].map((each) => each.title).join("\n");
    if (now !== seen) later(PAUSE);
    seen = now;
  });
  const field = document.querySelector(".st-key-composer");
  if (field) files.observe(field, { childList: true, subtree: true });
  // Typed before anybody watched, or while the one before was being replaced: no event comes for it any more.
  if (document.querySelector(FIELD)?.value.trim() || document.querySelector(FILES)) later(PAUSE);

  const end = () => {
    clearTimeout(timer);
    files.disconnect();
    document.removeEventListener("input", onInput, true);
    document.removeEventListener("keydown", onKey, true);
    document.removeEventListener("click", onClick, true);
  };
  watchers.set(parentElement, end);
  return end;
}

// Enough to see that a draft is another one, without keeping it (FNV-1a, 32 bits, with the length).
function digest(words) {
  let hash = 2166136261;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words.charCodeAt(i), 16777619) >>> 0;
  return `${words.length}-${hash}`;
}
