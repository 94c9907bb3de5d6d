/* The explorer with scripts: views change without loading the page anew, menus close, the address can be copied. */
(() => {
  "use strict";

  if (window.htmx) {
    /* The security policy allows neither styles nor code made up by scripts. */
    Object.assign(window.htmx.config, {
      includeIndicatorStyles: false,
      allowEval: false,
      allowScriptTags: false,
      historyCacheSize: 0,
      refreshOnHistoryMiss: true,
      scrollBehavior: "auto",
    });
  }

  /* What wasn't understood is shown too: an answer of 400 or 503 is a page like another. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.getResponseHeader("Content-Type")?.startsWith("text/html") && xhr.responseText.includes('id="explore"')) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  /* Fields left empty don't go into the address. */
  document.addEventListener("htmx:configRequest", (event) => {
    const { parameters, elt } = event.detail;
    if (!elt.closest?.("#explore")) return;
    for (const [name, value] of Object.entries(parameters)) {
      if (value === "") delete parameters[name];
    }
  });

  let focused = "";
  let opening = false;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const active = document.activeElement;
    opening = event.target.matches?.(".explore-open") ?? false;
    focused = event.target.closest?.("#explore") ? active?.id || active?.getAttribute("href") || "" : "";
  });

  /* After a change the focus stays where the person was: same field, same link, or the count of rows. */
  document.addEventListener("htmx:afterSettle", () => {
    prepare();
    const root = document.getElementById("explore");
    if (opening) {
      root?.querySelector(".explore-filter__body :is(input, select)")?.focus();
      opening = false;
      return;
    }
    if (!focused) return;
    const same = document.getElementById(focused) ?? [...(root?.querySelectorAll("a") ?? [])].find((link) => link.getAttribute("href") === focused);
    const target = same && same.checkVisibility?.() !== false ? same : root?.querySelector(".explore-tabs [aria-current]");
    target?.focus({ preventScroll: true });
    focused = "";
  });

  /* One menu at a time; Escape or a click elsewhere closes it. */
  const menus = "details.explore-filter[open], details.explore-menu[open]";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(menus)) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(menus)) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.matches?.(".explore-menu[open]")) event.target.querySelector("a")?.focus();
    },
    true,
  );

  function prepare() {
    for (const button of document.querySelectorAll(".explore-copy")) button.hidden = !navigator.clipboard;
    document.dispatchEvent(new CustomEvent("explore:shown"));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", prepare);
  else queueMicrotask(prepare);
})();
