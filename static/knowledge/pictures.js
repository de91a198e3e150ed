// Beside an article's text: a picture is uploaded and its Markdown put where the cursor is.
// Without this file the link leads to a page that shows the Markdown to paste.
(() => {
  const panel = document.getElementById("kb-picture");
  const text = document.getElementById("id_body");
  const token = document.querySelector("#article-form [name=csrfmiddlewaretoken]");
  if (!panel || !text || !token) return;
  const [file, alt] = panel.querySelectorAll("input");
  const button = panel.querySelector("button");
  const said = panel.querySelector("[role=status]");
  panel.hidden = false;
  panel.previousElementSibling.hidden = true;

  const insert = (markdown) => {
    const at = text.selectionStart;
    const before = at && text.value[at - 1] !== "\n" ? "\n\n" : "";
    text.setRangeText(`${before}${markdown}\n`, at, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  };
  button.addEventListener("click", async () => {
    const data = new FormData();
    if (file.files[0]) data.append("file", file.files[0]);
    data.append("alt", alt.value);
    button.disabled = true;
    said.textContent = "";
    try {
      const answer = await fetch(panel.dataset.url, {
        method: "POST",
        body: data,
        headers: { Accept: "application/json", "X-CSRFToken": token.value },
      });
      const { markdown, error } = await answer.json();
      if (!markdown) throw new Error(error);
      insert(markdown);
      file.value = alt.value = "";
    } catch (error) {
      said.textContent = error instanceof SyntaxError || error instanceof TypeError ? panel.dataset.failed : error.message;
    } finally {
      button.disabled = false;
    }
  });
})();
