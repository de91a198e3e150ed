// A suggestion's page by keyboard: A accepts, E edits, D dismisses, J and K go on and back,
// S sets the texts side by side, Q is the queue. The page works without this file.
(() => {
  const page = document.querySelector(".sg");
  if (!page) return;
  const edit = document.getElementById("sg-edit");
  const dismiss = document.getElementById("sg-dismiss");
  const open = (details, field) => {
    if (!details) return;
    details.open = true;
    details.querySelector(field)?.focus();
  };
  const go = (address) => { if (address) window.location.assign(address); };
  const keys = {
    a: () => document.getElementById("sg-accept")?.requestSubmit(),
    e: () => open(edit, "textarea"),
    d: () => open(dismiss, "input[type=radio]"),
    j: () => go(page.dataset.next),
    k: () => go(page.dataset.previous),
    q: () => go(page.dataset.queue),
    s: () => {
      const other = page.querySelector(".kb-tabs a:not([aria-current])");
      go(other?.href);
    },
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio]), textarea, select, [contenteditable]");
    if (event.key === "Escape") {
      if (dismiss) dismiss.open = false;
      event.target.blur?.();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });

  let changed = false;
  edit?.addEventListener("input", () => { changed = true; });
  document.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
