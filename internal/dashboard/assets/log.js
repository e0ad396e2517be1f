// The log of a task: followed until the reader scrolls up, read in pieces from
// anywhere, searched as a whole.
import { Rows, size } from "./log-rows.js";

const log = document.getElementById("log");
const $ = (name) => document.getElementById("log-" + name);
const view = $("view");
const words = new Proxy({}, { get: (_, name) => log.dataset["w" + name[0].toUpperCase() + name.slice(1)] || "" });
const rows = new Rows($("rows"), words);
const near = 48; // pixels from the end that count as the end

let attempt = Number(log.dataset.attempt); // 0 is the last
let last = Number(log.dataset.last);
let stream = log.dataset.stream;
let source = null; // while it is followed
let following = false;
let ended = false;
let loading = false;
let want = 0; // counts what was asked for, so that a late answer is known
let frame = 0;
let put = 0; // where the view was put; above it the reader has scrolled

const address = (part, more) => `${log.dataset.base}/log${part}?` + new URLSearchParams({ attempt, stream, ...more });

function say(text, bad) {
  $("state").textContent = text;
  $("state").classList.toggle("bad", Boolean(bad));
}

function state() {
  $("follow").setAttribute("aria-pressed", following && !ended);
  if (following && !rows.last) say(ended ? words.empty : words.live);
  else if (ended && rows.whole) say(`${words.ended} · ${size(rows.last)}`);
  else if (following) say(`${words.live} · ${size(rows.last)}`);
  else say(words.paused);
}

function draw() {
  frame = 0;
  if (following) {
    if (!rows.drawn()) return;
    view.scrollTop = view.scrollHeight;
    put = view.scrollTop;
  } else {
    held(() => rows.drawn());
  }
  state();
  highlight();
}

// A frame is not asked for while nobody sees the page.
function soon() {
  if (!frame) frame = requestAnimationFrame(draw);
}

function stop() {
  if (source) source.close();
  source = null;
}

function follow() {
  stop();
  want++;
  following = true;
  loading = false;
  ended = false;
  source = new EventSource(address("/follow", {}));
  const mine = source;
  source.addEventListener("rows", (e) => {
    if (mine !== source) return;
    const piece = JSON.parse(e.data);
    rows.feed(piece);
    if (piece.ended) {
      ended = true;
      stop();
      state();
    }
    soon();
  });
  source.addEventListener("error", () => {
    if (mine !== source) return;
    if (mine.readyState === EventSource.CLOSED) {
      stop();
      following = false;
      $("follow").setAttribute("aria-pressed", "false");
      get(address("", { at: 0, lines: 1 })).then(() => say(words.lost, true), (why) => say(why.message, true));
      return;
    }
    say(words.lost, true);
  });
  state();
}

function halt() {
  if (!following) return;
  stop();
  following = false;
  state();
}

async function get(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error((await answer.text()).trim().slice(0, 300) || words.failed);
  return answer.json();
}

// load asks for a piece and shows it, unless something else was wanted meanwhile.
async function load(more, show) {
  const mine = ++want;
  loading = true;
  try {
    const piece = await get(address("", more));
    if (mine === want) {
      show(piece);
      state();
      highlight();
    }
  } catch (why) {
    if (mine === want) say(why.message || words.failed, true);
  } finally {
    if (mine === want) loading = false;
  }
}

function jump(at) {
  halt();
  return load({ at, around: 1, lines: 400 }, (piece) => {
    rows.show(piece);
    const begins = [...rows.at.keys()].filter((n) => n <= at);
    const here = rows.at.get(begins.length ? Math.max(...begins) : piece.from);
    for (const e of rows.box.querySelectorAll(".here")) e.classList.remove("here");
    if (!here) return;
    here.classList.add("here");
    view.scrollTop = here.offsetTop - view.clientHeight / 3;
  });
}

// held changes rows and keeps what the reader looks at where it is.
function held(change) {
  const seen = [...rows.box.querySelectorAll("[data-at]")].find((e) => e.offsetTop + e.offsetHeight > view.scrollTop);
  const at = seen ? seen.offsetTop - view.scrollTop : 0;
  change();
  if (seen && seen.isConnected) view.scrollTop = seen.offsetTop - at;
}

function more() {
  if (loading) return;
  const below = view.scrollHeight - view.scrollTop - view.clientHeight;
  if (view.scrollTop < view.clientHeight && rows.first - rows.gap > 0) {
    halt();
    load({ at: rows.first - rows.gap, back: 1, lines: 400 }, (piece) => {
      held(() => rows.above(piece));
    });
  } else if (!following && below < view.clientHeight && !rows.whole) {
    load({ at: rows.last, lines: 400 }, (piece) => {
      held(() => rows.below(piece));
    });
  }
}

view.addEventListener("scroll", () => {
  const end = view.scrollHeight - view.scrollTop - view.clientHeight < near;
  if (following && view.scrollTop < put - 2) halt();
  else if (!following && end && rows.whole && !ended && !loading) follow();
  if (!following || !end) more();
}, { passive: true });

// What is looked for is marked in what is shown without changing it.
function highlight() {
  if (!window.Highlight) return;
  CSS.highlights.delete("log-find");
  const text = $("find").value;
  if (!text) return;
  const fold = text === text.toLowerCase() ? (s) => s.toLowerCase() : (s) => s;
  const marks = new Highlight();
  const walk = document.createTreeWalker(rows.box, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node && marks.size < 2000; node = walk.nextNode()) {
    const has = fold(node.data);
    if (has.length !== node.data.length) continue;
    for (let i = has.indexOf(text); i >= 0; i = has.indexOf(text, i + text.length)) {
      const range = new Range();
      range.setStart(node, i);
      range.setEnd(node, i + text.length);
      marks.add(range);
    }
  }
  CSS.highlights.set("log-find", marks);
}

let asked = null; // the search in hand: its text, where it goes on, how many there are
async function search(text, at) {
  const mine = asked = { text, found: at ? asked.found : 0 };
  const list = $("hits").querySelector("ol");
  if (!at) list.replaceChildren();
  $("hits").hidden = false;
  $("on").hidden = true;
  $("found").textContent = words.searching;
  try {
    const found = await get(address("/search", { q: text, at }));
    if (mine !== asked) return;
    for (const hit of found.hits) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.at = hit.at;
      rows.fill(button, hit);
      button.addEventListener("click", () => {
        for (const b of list.querySelectorAll("[aria-current]")) b.removeAttribute("aria-current");
        button.setAttribute("aria-current", "true");
        jump(hit.at);
      });
      const line = document.createElement("li");
      line.append(button);
      list.append(line);
    }
    mine.found += found.hits.length;
    mine.next = found.next;
    $("on").hidden = found.done;
    const told = mine.found ? words.hits.replace("{count}", mine.found) : words.none;
    $("found").textContent = found.done ? told : `${told} · ${words.more.replace("{size}", size(found.next))}`;
  } catch (why) {
    if (mine === asked) $("found").textContent = why.message || words.failed;
  }
}

$("find").addEventListener("input", () => highlight());
$("find").addEventListener("keydown", (e) => {
  if (e.key === "Enter" && !e.isComposing && $("find").value) search($("find").value, 0);
  if (e.key === "Escape") close();
});
function close() {
  asked = null;
  $("hits").hidden = true;
}
$("close").addEventListener("click", close);
$("on").addEventListener("click", () => search(asked.text, asked.next));
$("follow").addEventListener("click", () => (following ? halt() : follow()));
$("end").addEventListener("click", follow);
$("start").addEventListener("click", () => {
  halt();
  load({ at: 0, lines: 400 }, (piece) => {
    rows.show(piece);
    view.scrollTop = 0;
  });
});

function choose() {
  attempt = Number($("attempt").value);
  stream = $("stream").value;
  const file = new URL($("download").href);
  file.searchParams.set("attempt", attempt);
  file.searchParams.set("stream", stream);
  $("download").href = file.href;
  close();
  rows.clear();
  follow();
}
$("attempt").addEventListener("change", choose);
$("stream").addEventListener("change", () => {
  clearInterval(looking);
  choose();
});

// A job of which nothing is to be seen may print to the other stream, as bars of
// tqdm do: it is shown instead, unless the reader has chosen.
const looking = setInterval(async () => {
  if (rows.last) return clearInterval(looking);
  if (!following || document.hidden) return;
  const other = stream === "stdout" ? "stderr" : "stdout";
  try {
    const piece = await get(`${log.dataset.base}/log?` + new URLSearchParams({ attempt, stream: other, back: 1, lines: 1 }));
    if (!piece.size || rows.last || stream === other) return;
    clearInterval(looking);
    $("stream").value = other;
    choose();
  } catch {
    // the feed tells what is wrong
  }
}, 2000);

// A new attempt is offered, and shown where the last one was.
document.addEventListener("piece", (e) => {
  const now = document.getElementById("task-now");
  if (e.detail !== "task-head" || !now || Number(now.dataset.attempt) <= last) return;
  for (last++; last <= Number(now.dataset.attempt); last++) $("attempt").append(new Option(last, last));
  last = Number(now.dataset.attempt);
  if (!attempt && (following || ended)) follow();
});

// A page that nobody sees keeps no connection: browsers have few.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stop();
  else if (following && !source && !ended) follow();
});

for (const name of ["start", "end", "follow"]) $(name).hidden = false;
log.querySelector(".logfind").hidden = false;
follow();
