// Keeps the progress of a run, of a partner or of a source, up to date while it goes on, and once it is over what else the
// page tells of runs. Without this script, reloading the page shows the same.
(() => {
  const PAUSE = 2000;
  const LONGEST = 30000;
  let pause = PAUSE;

  const read = async (address) => {
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // Whoever stands on a link of what is replaced stands on the same link afterwards.
  const replace = (shown, fresh) => {
    const held = shown.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const put = document.importNode(fresh, true);
    shown.replaceWith(put);
    put.dispatchEvent(new CustomEvent("lrtzc:shown", { bubbles: true }));
    if (held) [...put.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === held)?.focus();
  };

  const over = async () => {
    const page = await read(window.location.href);
    document.querySelectorAll("[data-refresh-after]").forEach((shown) => {
      const fresh = page.getElementById(shown.id);
      if (fresh) replace(shown, fresh);
    });
  };

  const refresh = async () => {
    const shown = document.querySelector("[data-refresh]");
    if (!shown) return;
    if (!document.hidden) {
      try {
        const fresh = (await read(shown.dataset.refresh)).getElementById(shown.id);
        // what follows from the run first: were it not had now, it would be asked for again
        if (fresh && !fresh.dataset.refresh) await over();
        if (fresh) replace(shown, fresh);
        pause = PAUSE;
      } catch {
        pause = Math.min(pause * 2, LONGEST);
      }
    }
    setTimeout(refresh, pause);
  };

  setTimeout(refresh, PAUSE);
})();
