// Makes pages that work without it nicer: what is on the screen renews itself, a reply shows how many
// texts it makes, and keys are enough to skim. It never keeps a session alive, never opens a sealed entry, and never
// replaces a form somebody is filling in.
(() => {
  "use strict";

  const problem = document.querySelector("[data-focus]");
  if (problem) problem.focus();

  // ---- what is on the screen renews itself ----
  const regions = (page) => [...page.querySelectorAll("[data-live], [data-also-live]")];
  const status = document.querySelector("[data-live-status]");
  let asked = false;
  let again = false;

  const isChanged = (field) => {
    if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return field.selectedIndex > 0 && !field.options[field.selectedIndex].defaultSelected;
    return field.value !== field.defaultValue;
  };
  const inUse = (region) => [...region.querySelectorAll("input, textarea, select")]
    .some((field) => field === document.activeElement || isChanged(field));

  const replace = (old, fresh) => {
    if (old.innerHTML === fresh.innerHTML || inUse(old)) return false;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    if (focused) document.getElementById(focused)?.focus();
    return true;
  };

  const renew = async () => {
    if (asked) { again = true; return; }
    if (regions(document).every(inUse)) return;
    asked = true;
    try {
      const answer = await fetch(location.href, {
        headers: { "x-schoolgate-refresh": "1" }, credentials: "same-origin", cache: "no-store",
      });
      if (answer.redirected) { location.assign(answer.url); return; }
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = regions(page);
      const news = fresh[0]?.dataset.live;
      const replaced = regions(document).slice(0, fresh.length).map((old, i) => replace(old, fresh[i]));
      if (!replaced.includes(true)) return;
      // What is on the screen now is what somebody answers.
      const seen = document.querySelector("[data-seen]")?.dataset.seen;
      if (seen) document.querySelectorAll("input[name=seen]").forEach((field) => { field.value = seen; });
      if (status && news) status.textContent = news;
      toTheEnd();
    } catch {
      // The connection is gone; the next tick, or the next connection, asks again.
    } finally {
      asked = false;
      if (again) { again = false; renew(); }
    }
  };

  const events = document.body.dataset.events;
  if (events && regions(document).length > 0) {
    const source = new EventSource(events);
    source.addEventListener("tick", renew);
    source.addEventListener("open", renew);
    // A form that was in the way is left: look again.
    document.addEventListener("focusout", () => setTimeout(renew, 200));
    window.addEventListener("pagehide", () => source.close());
  }

  // ---- the handset shows its newest text ----
  const toTheEnd = () => {
    const thread = document.querySelector("[data-thread]");
    if (thread) thread.scrollTop = thread.scrollHeight;
  };
  toTheEnd();

  // ---- skimming by keys: arrows go from one message to the next, F flags the one that is on ----
  const skim = document.querySelector("[data-skim]");
  if (skim) document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    // Before any message is on, the first arrow goes to the first.
    const row = event.target.closest("[data-skim] > li");
    const to = { ArrowDown: row ? row.nextElementSibling : skim.firstElementChild, ArrowUp: row?.previousElementSibling }[event.key];
    const button = event.key.toLowerCase() === "f" ? row?.querySelector("button") : null;
    if (!to && !button) return;
    event.preventDefault();
    if (button) button.click(); else to.querySelector("button").focus();
  });

  // ---- how many texts a reply makes ----
  for (const field of document.querySelectorAll("[data-parts]")) {
    const shown = document.getElementById(field.dataset.partsShown);
    let timer;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const answer = await fetch(field.dataset.parts, {
          method: "POST", credentials: "same-origin",
          headers: { "x-schoolgate-refresh": "1" },
          body: new URLSearchParams({ words: field.value }),
        });
        if (answer.ok) shown.textContent = await answer.text();
      }, 250);
    });
  }
})();
