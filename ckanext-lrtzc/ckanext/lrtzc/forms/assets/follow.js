/* Questions that follow from others come and go as one answers: the portal judges, the page keeps what was written. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-follow]");
  if (!form) return;
  const said = form.querySelector("[data-follow-said]");
  let asked = 0;
  let waiting = 0;

  /* Have the nodes of one list be those of another: those that say the same stay as they are, with what is in them. */
  function merge(into, from) {
    const known = new Map([...into.children].filter((one) => one.dataset.key).map((one) => [one.dataset.key, one]));
    let added = 0;
    let after = null;
    for (const given of [...from.children].filter((one) => one.dataset.key)) {
      const old = known.get(given.dataset.key);
      let one = given;
      if (old && old.dataset.mark === given.dataset.mark) {
        one = old;
        const inner = [old.querySelector("[data-nodes]"), given.querySelector("[data-nodes]")];
        if (inner[0] && inner[1]) added += merge(...inner);
      } else if (!old) {
        added += 1;
      }
      known.delete(given.dataset.key);
      if (one === given && old) old.replaceWith(given);
      if (after ? after.nextElementSibling !== one : into.firstElementChild !== one) {
        if (after) after.after(one);
        else into.prepend(one);
      }
      after = one;
    }
    for (const gone of known.values()) gone.remove();
    return added;
  }

  async function follow() {
    const number = ++asked;
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    const answer = await fetch(form.dataset.follow, { method: "POST", body, signal: AbortSignal.timeout(20000) });
    if (!answer.ok || number !== asked) return;
    const held = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-nodes]");
    const nodes = form.querySelector("[data-nodes]");
    if (!held || !nodes) return;
    const focused = document.activeElement?.id;
    const added = merge(nodes, document.adoptNode(held));
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
    said.textContent = added ? form.dataset.added : "";
    for (const one of form.querySelectorAll("[data-continue]")) one.hidden = true;
    document.dispatchEvent(new Event("forms:merged"));
  }

  function soon() {
    clearTimeout(waiting);
    // without a network, questions that follow are asked when what was kept is looked through
    if (navigator.onLine) waiting = setTimeout(() => follow().catch(() => {}), 150);
  }

  form.addEventListener("change", soon);
  document.addEventListener("forms:reset", soon);
})();
