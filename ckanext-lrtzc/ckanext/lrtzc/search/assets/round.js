// Keeps the progress of indexing again up to date while it goes on. Without this script, reloading the page shows the same.
(() => {
  const PAUSE = 2000;
  const LONGEST = 30000;
  let pause = PAUSE;

  const refresh = async () => {
    const shown = document.querySelector("#search-round[data-refresh]");
    if (!shown) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(shown.dataset.refresh, { headers: { "X-Requested-With": "fetch" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("search-round");
        if (fresh) shown.replaceWith(document.importNode(fresh, true));
        pause = PAUSE;
      } catch {
        pause = Math.min(pause * 2, LONGEST);
      }
    }
    setTimeout(refresh, pause);
  };

  setTimeout(refresh, PAUSE);
})();
