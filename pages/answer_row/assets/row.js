// The buttons under an answer, in one element: thumbs, copy, change the prompt, answer again, another model.
//
// It keeps nothing, and shows at once what was pressed; the server has the last word with what it draws next.

const SHOWN = 1600; // milliseconds that a tick stands in for what was done
const BUTTONS = [
  ["up", "thumb_up", "Good answer"],
  ["down", "thumb_down", "Bad answer"],
  ["copy", "content_copy", "Copy"],
  ["edit", "edit", "Change the prompt and send it again"],
  ["again", "refresh", "Answer again"],
  ["other", "swap_horiz", "Answer by another model"],
];
const OF_THE_LAST = new Set(["again", "other"]);

const rows = new Map(); // what is on the page, by its place

export default function row({ parentElement, data, setTriggerValue }) {
  const known = rows.get(parentElement);
  const mine = known ?? draw(parentElement);
  mine.data = data;
  mine.press = (what) => setTriggerValue("press", { what, thumb: mine.data.thumb ?? "" });
  show(mine);
  if (!known) rows.set(parentElement, mine);
  onlyTheLast();
  return () => {
    rows.delete(parentElement);
    mine.bar.remove();
    onlyTheLast();
  };
}

function draw(place) {
  const bar = document.createElement("div");
  bar.className = "row";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "What to do with this answer");
  const mine = { bar, buttons: new Map(), data: {}, press: () => {} };
  for (const [what, icon, label] of BUTTONS) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    button.append(iconOf(icon));
    button.addEventListener("click", () => pressed(mine, what));
    mine.buttons.set(what, button);
    bar.append(button);
  }
  const told = document.createElement("span");
  told.className = "told";
  told.setAttribute("role", "status");
  mine.told = told;
  bar.append(told);
  place.append(bar);
  return mine;
}

function iconOf(name) {
  const icon = document.createElement("span");
  icon.className = "icon";
  icon.setAttribute("aria-hidden", "true");
  icon.textContent = name;
  return icon;
}

function show(mine) {
  for (const what of ["up", "down"]) {
    const isOn = mine.data.thumb === what;
    mine.buttons.get(what).setAttribute("aria-pressed", String(isOn));
    mine.buttons.get(what).classList.toggle("on", isOn);
  }
  mine.buttons.get("copy").hidden = !mine.data.text;
  for (const what of ["up", "down"]) mine.buttons.get(what).hidden = !mine.data.rated;
}

// Only the last answer can be made again. What follows it on the page may be drawn without this row being told.
function onlyTheLast() {
  const all = [...rows.values()].filter((each) => each.bar.isConnected);
  const isAfter = (one, other) => hostOf(other).compareDocumentPosition(hostOf(one)) & Node.DOCUMENT_POSITION_FOLLOWING;
  const last = all.reduce((found, each) => (!found || isAfter(each.bar, found.bar) ? each : found), null);
  for (const each of all) {
    for (const what of OF_THE_LAST) each.buttons.get(what).hidden = each !== last;
  }
}

function hostOf(node) {
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? root.host : node;
}

async function pressed(mine, what) {
  if (what === "copy") {
    if (!(await copied(mine.data.text))) {
      return tell(mine, "Your browser does not let this page copy: select the text instead.", 6000);
    }
    tick(mine.buttons.get("copy"));
    return mine.press("copied");
  }
  if (what === "up" || what === "down") {
    mine.data = { ...mine.data, thumb: mine.data.thumb === what ? null : what };
    show(mine);
    return mine.press("thumb");
  }
  mine.press(what);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text); // only where the page came over HTTPS, or from this very machine
    return true;
  } catch {
    return copiedByHand(text);
  }
}

function copiedByHand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.style.cssText = "position: fixed; opacity: 0;";
  document.body.append(field);
  field.select();
  let done = false;
  try {
    done = document.execCommand("copy");
  } catch {
    done = false;
  }
  field.remove();
  return done;
}

function tick(button) {
  const icon = button.querySelector(".icon");
  icon.textContent = "check";
  setTimeout(() => (icon.textContent = "content_copy"), SHOWN);
}

function tell(mine, words, long) {
  mine.told.textContent = words;
  setTimeout(() => (mine.told.textContent = ""), long);
}
