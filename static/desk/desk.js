// The desk's manners: keys, marked words, a composer that never loses what was typed.
// Every page works without this file; it makes them quick.
(function () {
  "use strict";

  document.documentElement.classList.add("desk-js");
  const find = (selector, root) => (root || document).querySelector(selector);
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // --- what was typed ---------------------------------------------------------
  function typedText() {
    const area = find("#composer [data-typed]");
    if (!area) return "";
    const was = (area.dataset.was || "").trim();
    const is = area.value.replace(/\r\n/g, "\n").trim();
    return is && is !== was ? is : "";
  }

  let isLeaving = false;
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && (typedText() || (find("#note-text") || {}).value)) event.preventDefault();
  });
  document.addEventListener("submit", () => { isLeaving = true; setTimeout(() => { isLeaving = false; }, 3000); });

  // --- htmx -------------------------------------------------------------------
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    // Refusals come as a part of the page that says why.
    if (xhr.status >= 400 && xhr.status < 500 && xhr.getResponseHeader("Content-Type")?.startsWith("text/html") && xhr.status !== 404) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    const asker = requestConfig && requestConfig.elt;
    if (asker && asker.id === "drafting" && xhr.status === 200 && typedText()) {
      event.detail.shouldSwap = false;
      asker.remove();
      const ready = find("#draft-ready");
      if (ready) ready.hidden = false;
    }
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const target = event.detail.target;
    if (target && target.id === "composer" && typedText()) event.detail.shouldSwap = false;
  });
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach((name) => {
    document.addEventListener(name, (event) => {
      const quiet = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent === undefined;
      const notice = find("#desk-offline");
      if (notice && !quiet) notice.hidden = false;
    });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const notice = find("#desk-offline");
    if (notice && event.detail.successful) notice.hidden = true;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "inbox-body") current = -1;
    if (event.target.id === "article-body") openDialog("article-dialog");
    settle();
  });

  // A macro goes where the cursor stands; offsets are counted in characters, as the server does.
  document.addEventListener("htmx:configRequest", (event) => {
    const area = find("#reply-text");
    if (!event.detail.elt.matches("[data-insert]") || !area || !area.dataset.touched) return;
    event.detail.parameters.at = Array.from(area.value.slice(0, area.selectionStart)).length;
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.id === "reply-text") event.target.dataset.touched = "1";
  });
  document.addEventListener("htmx:afterSettle", () => {
    const area = find("#reply-text[data-at]");
    if (!area) return;
    const end = Array.from(area.value).slice(0, Number(area.dataset.at)).join("").length;
    area.removeAttribute("data-at");
    area.focus();
    area.setSelectionRange(end, end);
  });

  // --- marked words -----------------------------------------------------------
  function light(sentence, isPinned) {
    const numbers = (sentence.dataset.cite || "").split(" ").filter(Boolean);
    all(".is-lit").forEach((lit) => lit.classList.remove("is-lit"));
    if (!numbers.length) return;
    all("[data-cite]").forEach((other) => {
      if (other.classList.contains("desk-sentence") && other.dataset.cite.split(" ").some((n) => numbers.includes(n))) other.classList.add("is-lit");
    });
    numbers.forEach((number, index) => {
      const source = find('[data-source="' + number + '"]');
      if (!source) return;
      source.classList.add("is-lit");
      if (index === 0) reveal(source, isPinned);
    });
  }

  function reveal(source, isPinned) {
    const panel = source.closest(".desk-right");
    if (!panel) return;
    const scrolls = panel.scrollHeight > panel.clientHeight + 4 && getComputedStyle(panel).overflowY !== "visible";
    if (scrolls) {
      const top = source.getBoundingClientRect().top - panel.getBoundingClientRect().top;
      if (top < 0 || top > panel.clientHeight - 80) panel.scrollBy({ top: top - 24, behavior: "smooth" });
    } else if (isPinned) {
      source.scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
  }

  document.addEventListener("mouseover", (event) => {
    const sentence = event.target.closest && event.target.closest(".desk-sentence[data-cite], .desk-cite a[data-cite]");
    if (sentence) light(sentence, false);
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches && event.target.matches(".desk-sentence[data-cite]")) light(event.target, false);
  });
  document.addEventListener("click", (event) => {
    const cited = event.target.closest(".desk-sentence[data-cite], .desk-cite a[data-cite]");
    if (!cited) return;
    event.preventDefault();
    light(cited, true);
  });

  // --- dialogs and menus ------------------------------------------------------
  function openDialog(id) {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  }
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) openDialog(opener.dataset.open);
    if (event.target.tagName === "DIALOG") event.target.close();
    all("details.desk-menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "note" && event.target.open) find("#note-text").focus();
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.type === "file") {
      const label = event.target.parentElement.querySelector("[data-files]");
      if (label && event.target.files.length) label.textContent = Array.from(event.target.files, (file) => file.name).join(", ");
    }
    if (event.target.name === "ticket") countSelected();
    if (event.target.name === "draft") countDrafts();
  });

  // --- inbox ------------------------------------------------------------------
  let current = -1;
  const rows = () => all("[data-row]");

  function move(step) {
    const list = rows();
    if (!list.length) return;
    current = Math.max(0, Math.min(list.length - 1, current + step));
    list.forEach((row, index) => row.classList.toggle("is-current", index === current));
    find("[data-open-row]", list[current]).focus({ preventScroll: true });
    list[current].scrollIntoView({ block: "nearest" });
  }

  function countSelected() {
    const bar = find("[data-bulk]");
    if (!bar) return;
    const count = all('input[name="ticket"]:checked').length;
    bar.classList.toggle("is-on", count > 0);
    find("[data-bulk-count]").dataset.count = count;
    rows().forEach((row) => row.classList.toggle("is-selected", find('input[name="ticket"]', row).checked));
  }

  function countDrafts() {
    const button = find("[data-review-form] [data-count]");
    if (!button) return;
    const count = all('input[name="draft"]:checked').length;
    button.textContent = button.dataset.count.replace("%s", count);
    button.disabled = count === 0;
  }

  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row && !event.target.closest("a, input, label, button") && !String(window.getSelection())) find("[data-open-row]", row).click();
  });

  // --- keys -------------------------------------------------------------------
  let waiting = "";
  function press(selector) {
    const target = find(selector);
    if (!target || target.disabled) return false;
    target.click();
    return true;
  }

  const inboxKeys = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1),
    Enter: () => { if (current >= 0) find("[data-open-row]", rows()[current]).click(); },
    x: () => { if (current < 0) move(1); if (!rows()[current]) return; const box = find('input[name="ticket"]', rows()[current]); box.checked = !box.checked; countSelected(); },
    a: () => { if (all('input[name="ticket"]:checked').length) press("[data-review]"); },
    "/": () => find("#inbox-search").focus(),
  };
  const ticketKeys = {
    e: () => press('[data-key="e"]'), r: () => press('[data-key="r"]'), z: () => press('[data-key="z"]'),
    n: () => press('[data-key="n"]'), "]": () => press("#next-ticket"),
  };

  document.addEventListener("keydown", (event) => {
    const inbox = find(".desk-inbox"), ticket = find(".desk-ticket");
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && !event.isComposing) {
      const form = event.target.closest("[data-note]") || find("#composer [data-send]") || find("[data-review-form]");
      const button = form && find("button:not([disabled])", form);
      if (button) { event.preventDefault(); button.click(); }
      return;
    }
    if (event.key === "Escape") {
      all("details.desk-menu[open]").forEach((menu) => { menu.open = false; });
      if (event.target.matches("input, textarea")) event.target.blur();
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || find("dialog[open]")) return;
    if (event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]")) return;
    if ((event.key === " " || event.key === "Enter") && event.target.matches(".desk-sentence")) {
      event.preventDefault();
      light(event.target, true);
      return;
    }
    if (event.key === "Enter" && event.target.matches("a, button, summary")) return;
    if (waiting === "g" && ticket) {
      waiting = "";
      if (event.key === "n") { event.preventDefault(); press("#next-ticket"); return; }
      if (event.key === "i") { event.preventDefault(); press("#to-inbox"); return; }
    }
    if (event.key === "g") { waiting = "g"; setTimeout(() => { waiting = ""; }, 1200); return; }
    if (event.key === "?" && (inbox || ticket)) { openDialog("shortcuts"); return; }
    const action = inbox ? inboxKeys[event.key] : ticket ? ticketKeys[event.key] : null;
    if (action) { event.preventDefault(); action(); }
  });

  // --- after each drawing -----------------------------------------------------
  let shownMessage = "", ticking = null;
  function settle() {
    const thread = find("#thread"), last = find("#last-message");
    if (thread && last && last.value !== shownMessage) {
      shownMessage = last.value;
      thread.scrollTop = thread.scrollHeight;
    }
    const sent = find("[data-undo]");
    if (sent && !sent.dataset.ticking) { sent.dataset.ticking = "1"; countDown(sent, Number(sent.dataset.undo)); }
    countSelected();
    countDrafts();
    nameKeys();
  }

  function countDown(sent, seconds) {
    clearInterval(ticking);
    const until = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      const clock = find("[data-undo-seconds]", sent);
      if (left > 0 && clock) { clock.textContent = left + " s"; return; }
      clearInterval(ticking);
      all("[data-undo-part]", sent).forEach((part) => part.remove());
    };
    tick();
    ticking = setInterval(tick, 500);
  }

  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform || "");
  function nameKeys() {
    if (!isMac) all("kbd").forEach((key) => { if (key.textContent === "⌘↵") key.textContent = "Ctrl ↵"; });
  }

  document.addEventListener("DOMContentLoaded", settle);
})();
