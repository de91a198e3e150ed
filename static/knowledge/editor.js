// The article page: Ctrl/⌘+S saves, and leaving with unsaved text is asked about.
(() => {
  const form = document.getElementById("article-form");
  const save = document.getElementById("save");
  if (!form || !save) return;
  let changed = false;

  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit(save);
    }
  });

  // The preview follows the source while it is scrolled.
  const source = document.getElementById("id_body");
  const preview = document.getElementById("preview");
  source?.addEventListener("scroll", () => {
    const share = source.scrollTop / Math.max(1, source.scrollHeight - source.clientHeight);
    preview.scrollTop = share * (preview.scrollHeight - preview.clientHeight);
  });

  // Select2 gives its search box no name: it takes the one of the field that it stands for.
  function nameSearchBoxes() {
    form.querySelectorAll("select.select2-hidden-accessible").forEach((select) => {
      const box = select.nextElementSibling?.querySelector(".select2-search__field");
      const label = form.querySelector(`label[for="${select.id}"]`);
      if (box && label) box.setAttribute("aria-label", label.textContent.trim());
    });
  }
  // Select2 comes when it likes, before or after the page has loaded.
  new MutationObserver(nameSearchBoxes).observe(form, { childList: true, subtree: true });
  nameSearchBoxes();
})();
