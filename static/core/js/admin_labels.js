// The fields of the admin's inline tables have no labels of their own; they take the heading of their column.
function nameFields(cell, head) {
  cell?.querySelectorAll("input:not([type=hidden]), select, textarea").forEach((field) => {
    if (head && !field.getAttribute("aria-label")) field.setAttribute("aria-label", head.textContent.trim());
  });
}

function label(scope) {
  scope.querySelectorAll(".tabular.inline-related tbody tr").forEach((row) => {
    const heads = [...row.closest("table").querySelectorAll("thead th")];
    const columns = heads.filter((head) => head.className.includes("column-"));
    row.querySelectorAll("td[class^=field-]").forEach((cell, place) => nameFields(cell, columns[place]));
    nameFields(row.querySelector("td.delete"), heads.at(-1));
  });
}

/** The search fields that select2 makes take the label of the field they stand for. */
function labelSearches() {
  document.querySelectorAll(".select2-search__field:not([aria-label])").forEach((search) => {
    const field = search.closest(".select2-container").parentElement.querySelector("select");
    const name = field?.labels?.[0]?.textContent.trim() || field?.getAttribute("aria-label");
    if (name) search.setAttribute("aria-label", name);
  });
  document.querySelectorAll(".select2-selection--single").forEach((box) => {
    const field = box.closest(".select2-container").previousElementSibling;
    const name = field?.labels?.[0]?.textContent.trim() || field?.getAttribute("aria-label");
    if (!name || box.dataset.named) return;
    const shown = box.querySelector(".select2-selection__rendered");
    box.dataset.named = "true";
    box.removeAttribute("aria-labelledby");
    [box, shown].forEach((part) => part.setAttribute("aria-label", name));
  });
}

label(document);
labelSearches();
new MutationObserver(labelSearches).observe(document.body, { childList: true, subtree: true });
document.addEventListener("formset:added", () => label(document));
