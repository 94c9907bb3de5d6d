/* Suggestions while one types: <input data-suggest="address of the list">. A combobox as the ARIA Authoring Practices
   describe it (list autocomplete with manual selection); without scripts the field is a plain one. */
(() => {
  "use strict";
  const PAUSE = 150;

  for (const field of document.querySelectorAll("input[data-suggest]")) watch(field);

  function watch(field) {
    const list = document.createElement("ul");
    list.className = "suggestions";
    list.id = `${field.id}-suggestions`;
    list.role = "listbox";
    list.hidden = true;
    list.ariaLabel = field.labels?.[0]?.textContent ?? "";
    field.parentElement.classList.add("suggesting");
    field.after(list);
    field.role = "combobox";
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.ariaExpanded = "false";
    let timer;
    let asked = "";

    const options = () => [...list.children];
    const chosen = () => list.querySelector("[aria-selected=true]");

    const close = () => {
      list.hidden = true;
      field.ariaExpanded = "false";
      field.removeAttribute("aria-activedescendant");
    };

    const go = (option) => option && location.assign(option.dataset.address);

    const choose = (option) => {
      chosen()?.setAttribute("aria-selected", "false");
      option?.setAttribute("aria-selected", "true");
      option?.scrollIntoView({ block: "nearest" });
      if (option) field.setAttribute("aria-activedescendant", option.id);
      else field.removeAttribute("aria-activedescendant");
    };

    const ask = async () => {
      const typed = field.value.trim();
      asked = typed;
      if (typed.length < 2) return close();
      try {
        const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(typed)}`);
        if (!answer.ok || asked !== typed) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        list.replaceChildren(...[...page.querySelectorAll("li")].map((one) => document.importNode(one, true)));
      } catch {
        return close();
      }
      list.hidden = !list.children.length || document.activeElement !== field;
      field.ariaExpanded = String(!list.hidden);
      field.removeAttribute("aria-activedescendant");
    };

    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    field.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      const all = options();
      const at = all.indexOf(chosen());
      if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
      else if (event.key === "ArrowUp") choose(all[(at <= 0 ? all.length : at) - 1]);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && at >= 0) go(all[at]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => go(event.target.closest("[data-address]")));
    field.addEventListener("blur", close);
  }
})();
