// Puts newer pieces of the page in the place of older ones as the daemon sends
// them. What somebody is typing, has opened or has focused stays as it is.
"use strict";
(() => {
  const lang = document.documentElement.lang;
  const state = document.getElementById("live");
  const words = state.dataset;

  const dirty = (form) => [...form.elements].some((e) =>
    e === document.activeElement ||
    ((e.type === "password" || e.type === "text" || e.type === "search" || e.tagName === "TEXTAREA") && e.value !== e.defaultValue) ||
    (e.type === "checkbox" && e.checked !== e.defaultChecked));

  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  const steps = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  function age(root) {
    for (const t of root.querySelectorAll("time.ago")) {
      const seconds = Math.round((Date.parse(t.dateTime) - Date.now()) / 1000);
      const [unit, size] = steps.find(([, s]) => Math.abs(seconds) >= s) || steps[3];
      const text = relative.format(Math.trunc(seconds / size), unit);
      if (!t.title) t.title = t.textContent;
      if (t.textContent !== text) t.textContent = text;
    }
  }

  // What the daemon last said of each <details>: one that it says the same of
  // again stays as a person has left it.
  const said = new WeakMap();
  function note(root) {
    for (const d of root.querySelectorAll("details")) if (!said.has(d)) said.set(d, d.open);
  }

  function put(id, html) {
    const place = document.getElementById(id);
    if (!place) return;
    Idiomorph.morph(place, html, {
      morphStyle: "innerHTML",
      ignoreActiveValue: true,
      callbacks: {
        beforeNodeMorphed: (was, now) => {
          if (was.tagName === "FORM" && dirty(was)) return false;
          if (was.tagName === "TIME" && now.tagName === "TIME" && was.dateTime === now.dateTime && was.title) return false;
          if (was.tagName === "TIME") was.removeAttribute("title");
          if (was.tagName === "DETAILS" && now.tagName === "DETAILS") {
            const open = now.open;
            if (said.get(was) === open) now.open = was.open;
            said.set(was, open);
          }
          return true;
        },
      },
    });
    note(place);
    age(place);
    document.dispatchEvent(new CustomEvent("piece", { detail: id }));
  }

  function reload() {
    if ([...document.forms].some(dirty)) {
      state.textContent = words.reload;
      return;
    }
    location.reload();
  }

  const feed = new EventSource(document.body.dataset.feed);
  feed.addEventListener("open", () => { state.textContent = words.live; state.className = "live on"; });
  feed.addEventListener("error", () => { state.textContent = words.lost; state.className = "live off"; });
  feed.addEventListener("piece", (e) => { const p = JSON.parse(e.data); put(p.id, p.html); });
  feed.addEventListener("reload", reload);
  note(document);
  age(document);
  setInterval(() => age(document), 5000);
})();
