/* Watches a batch's progress, says at once that a file is too large, and lets files be dropped. Pages work without. */
(() => {
  "use strict";

  const watch = (part) => {
    const again = async () => {
      try {
        const answer = await fetch(part.dataset.progress, { headers: { "X-Requested-With": "fetch" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const text = await answer.text();
        const found = new DOMParser().parseFromString(text, "text/html").querySelector("[data-progress]");
        if (!found) {
          window.location.reload();
          return;
        }
        const bar = part.querySelector("progress");
        bar.value = found.querySelector("progress").value;
        part.querySelector("[data-words]").textContent = found.querySelector("[data-words]").textContent;
      } catch (error) {
        /* the network came and went: ask again later */
      }
      window.setTimeout(again, 1500);
    };
    window.setTimeout(again, 1000);
  };

  const size = (field) => {
    const bound = Number(field.dataset.maxSize);
    // an archive is as large as all that is sent together may be
    const total = Number(field.dataset.maxTotal || bound);
    const place = document.getElementById(field.dataset.tooLarge);
    place.dataset.said = place.textContent;
    const check = () => {
      const files = Array.from(field.files);
      const within = (file) => file.size <= (file.name.toLowerCase().endsWith(".zip") ? total : bound);
      const together = files.reduce((sum, file) => sum + file.size, 0);
      const large = !files.every(within) || (field.dataset.maxTotal && together > total);
      const named = files.find((file) => !within(file));
      place.textContent = named && place.dataset.named ? place.dataset.named.replace("{name}", named.name) : place.dataset.said;
      place.hidden = !large;
      field.setCustomValidity(large ? place.textContent.trim() : "");
    };
    field.addEventListener("change", check);
    const zone = field.closest("[data-drop]");
    ["dragover", "dragleave", "drop"].forEach((kind) =>
      zone.addEventListener(kind, (event) => {
        event.preventDefault();
        zone.classList.toggle("is-over", kind === "dragover");
        if (kind === "drop" && event.dataTransfer.files.length) {
          field.files = event.dataTransfer.files;
          check();
        }
      })
    );
  };

  document.querySelectorAll("[data-progress]").forEach(watch);
  document.querySelectorAll("input[data-max-size]").forEach(size);
})();
