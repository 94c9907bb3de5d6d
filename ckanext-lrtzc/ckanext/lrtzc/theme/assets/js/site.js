/* What pages gain where scripts run. Each part looks for its own mark in the page; without it, or without scripts,
   the page works as it is. */
(() => {
  "use strict";

  /* Confirm: a form or a link that can't be undone asks first. data-confirm="the question" */
  document.addEventListener("submit", (event) => ask(event, event.submitter?.dataset.confirm ?? event.target.dataset.confirm));

  function ask(event, question) {
    if (question && !window.confirm(question)) event.preventDefault();
  }

  /* Twice: a form that a double press sends again within two seconds goes once. */
  const TWICE = 2000;
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
    if (event.timeStamp - (sent.get(form) ?? -TWICE) < TWICE) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });

  /* Refused: one goes on from what is said of the whole, or from the first field at fault, unless one is led elsewhere. */
  addEventListener("load", () => {
    if (document.activeElement !== document.body || window.location.hash) return;
    const places = ["main .alert-error[role=alert]", "main [aria-invalid=true]:not([type=hidden])", "main .field-error"];
    const place = places.map((one) => document.querySelector(one)).find(Boolean);
    if (!place) return;
    if (!place.matches("input, select, textarea")) place.tabIndex = -1;
    place.focus();
  });

  /* Escape closes the menu and the drawers, and gives the focus back. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details.site-menu[open], details.drawer[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  /* Slug: a name in the address is proposed from the title until the person writes their own. */
  const slugField = document.querySelector("[data-slug], input[data-module~='slug-preview-slug']");
  const titleField = document.querySelector("[data-slug-source], [data-module='slug-preview-target']");
  if (slugField && titleField && !slugField.value) {
    let own = false;
    slugField.addEventListener("input", () => (own = slugField.value !== ""));
    titleField.addEventListener("input", () => {
      if (!own) slugField.value = slug(titleField.value);
    });
  }

  function slug(text) {
    return text
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .replace(/œ/g, "oe")
      .replace(/æ/g, "ae")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 80)
      .replace(/-+$/, "");
  }

  /* Copy: <button data-copy="text" data-copied="what to say then"> */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button || !navigator.clipboard) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = button.querySelector("[data-copy-label]") ?? button;
    said.textContent = button.dataset.copied || said.textContent;
  });

  /* Check all: <input type="checkbox" data-check-all="name"> */
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.checkAll;
    if (!name) return;
    for (const box of event.target.form?.elements ?? []) {
      if (box.type === "checkbox" && box.name === name) box.checked = event.target.checked;
    }
  });

  /* Filter: a long list of choices is shortened while one writes. <input data-filter="#id of the list"> */
  document.addEventListener("input", (event) => {
    const list = event.target.dataset?.filter && document.querySelector(event.target.dataset.filter);
    if (!list) return;
    const wanted = slug(event.target.value);
    for (const item of list.children) item.hidden = !slug(item.textContent).includes(wanted);
  });

  /* Cards: what each cell of a list is, for narrow screens. <table class="table table-cards"> The roles are what browsers
     forget of tables that aren't laid out as such. */
  function name(place) {
    for (const table of place.querySelectorAll(".table-cards:not([data-named])")) {
      const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) =>
        // a head that isn't shown is of buttons, which say what they do
        head.querySelector(".visually-hidden, .sr-only") ? "" : head.textContent.trim()
      );
      table.setAttribute("role", "table");
      for (const part of table.querySelectorAll("thead, tbody")) part.setAttribute("role", "rowgroup");
      for (const row of table.rows) {
        row.setAttribute("role", "row");
        for (const cell of row.cells) {
          const title = cell.tagName === "TH";
          cell.setAttribute("role", !title ? "cell" : cell.scope === "row" ? "rowheader" : "columnheader");
          if (!cell.textContent.trim() && !cell.childElementCount) cell.textContent = "";
          else if (!title && cell.colSpan === 1 && heads[cell.cellIndex]) cell.dataset.name = heads[cell.cellIndex];
        }
      }
      table.dataset.named = "";
    }
  }
  name(document);
  document.addEventListener("htmx:load", (event) => name(event.target));
  document.addEventListener("lrtzc:shown", (event) => name(event.target));

  document.documentElement.classList.add("has-scripts");
})();
