/* Answers given where there is no network: kept on this device, listed, and sent once the network is back. What was
   sent is kept here no more. What is sent twice counts once: by its page's token, or by a number made here. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-kept]");
  if (!form || !("indexedDB" in window)) return;
  const part = (name) => document.querySelector(`[data-kept-${name}]`);
  const words = JSON.parse(form.dataset.words);
  const PAUSE = 4000;
  const AGAIN = 15000;
  const status = part("said");
  const list = part("list");
  // a page that was kept on the device serves for several answers: each is told apart by a number of its own
  let own = form.elements.kept?.value || ("keptPage" in form.dataset ? crypto.randomUUID() : "");
  const name = () => own || form.elements.token.value;

  const say = (text) => (status.textContent = text);

  /* The answers kept on this device: `{name, form, at, entries, state, said}`. */
  const opened = new Promise((done, failed) => {
    const asked = indexedDB.open("lrtzc-forms", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "name" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  async function store(mode, ask) {
    const all = (await opened).transaction("answers", mode);
    const asked = ask(all.objectStore("answers"));
    await new Promise((done, failed) => {
      all.oncomplete = done;
      all.onerror = all.onabort = () => failed(all.error);
    });
    return asked.result;
  }
  const every = async () =>
    (await store("readonly", (some) => some.getAll())).filter((one) => one.form === form.dataset.kept).sort((a, b) => a.at - b.at);
  const put = (one) => store("readwrite", (some) => some.put(one));
  const drop = (which) => store("readwrite", (some) => some.delete(which));

  function entries() {
    const filled = new FormData(form);
    filled.delete("verb");
    filled.set("kept", own);
    return [...filled];
  }

  /* Send an answer; gives `{address}`, or `{code, said}` where it isn't taken. Throws where there is no network. */
  async function post(given, patient = true) {
    const body = new FormData();
    for (const [key, value] of given) body.append(key, value);
    const answer = await fetch(form.dataset.send, { method: "POST", body, signal: AbortSignal.timeout(60000), redirect: "error" });
    away = false;
    const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
    if (told?.code === "hasty" && patient) {
      // who answers that fast may be a program: a person is spared to send it again
      await new Promise((done) => setTimeout(done, PAUSE));
      return post(given, false);
    }
    if (told && (told.address || told.code)) return told;
    if (answer.status >= 500 || answer.status === 429) throw new Error(`answered ${answer.status}`);
    return { code: "session", said: words.session };
  }

  /* What a session or a page's token needs anew: the hidden fields, by name. */
  async function fresh() {
    const token = encodeURIComponent(form.elements.token.value);
    const invitation = encodeURIComponent(form.elements.invitation?.value ?? "");
    const answer = await fetch(`${form.dataset.fresh}?token=${token}&invitation=${invitation}`, { signal: AbortSignal.timeout(20000) });
    if (!answer.ok) return new Map();
    const held = new DOMParser().parseFromString(await answer.text(), "text/html");
    return new Map([...held.querySelectorAll("input")].map((input) => [input.name, input.value]));
  }

  function renewed(given, anew) {
    const kept = given.filter(([key]) => key !== "_csrf_token");
    const csrf = anew.get("_csrf_token");
    return csrf ? [...kept, ["_csrf_token", csrf]] : kept;
  }

  async function keep(given) {
    await put({ name: name(), form: form.dataset.kept, at: Date.now(), entries: given, state: "waiting", said: "" });
    form.reset();
    own = crypto.randomUUID();
    document.dispatchEvent(new Event("forms:reset"));
    await show();
    say(words.kept);
    // the form is empty again: one goes on from what is said, not from a button at its end
    status.focus({ preventScroll: true });
    status.scrollIntoView({ block: "center" });
  }

  /* Send what waits, one after the other, by one page at a time; what is refused is left for its author to look at. */
  async function sendAll() {
    if (!navigator.onLine) return;
    let changed = false;
    const work = async () => {
      for (const one of await every()) {
        if (one.state !== "waiting" || one.name === name()) continue;
        try {
          const anew = await fresh();
          const told = await post(renewed(one.entries, anew));
          changed = true;
          if (told.address) {
            await drop(one.name);
            say(words.sent);
          } else {
            await put({ ...one, state: "refused", said: told.said });
          }
        } catch {
          break;
        }
      }
    };
    await (navigator.locks ? navigator.locks.request("lrtzc-forms", work) : work());
    // a list that is drawn anew takes the focus from its buttons
    if (changed) await show();
    offline();
  }

  function button(text, described, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet", textContent: text });
    made.setAttribute("aria-describedby", described);
    made.addEventListener("click", act);
    return made;
  }

  async function show() {
    const some = (await every()).filter((one) => one.name !== name());
    part("box").hidden = !some.length;
    list.replaceChildren(
      ...some.map((one, place) => {
        const item = document.createElement("li");
        const text = document.createElement("p");
        text.id = `kept-${place}`;
        const when = new Date(one.at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
        text.textContent = `${when} – ${one.state === "waiting" ? words.waiting : one.said || words.refused}`;
        const buttons = document.createElement("p");
        buttons.className = "actions";
        if (navigator.onLine) buttons.append(button(words.look, text.id, () => look(one)));
        buttons.append(
          button(words.remove, text.id, async () => {
            if (!window.confirm(words.sure)) return;
            await drop(one.name);
            await show();
            say(words.removed);
            status.focus();
          }),
        );
        item.append(text, buttons);
        return item;
      }),
    );
    offline();
  }

  /* Open what is kept on a page that the portal makes of it. */
  async function look(one) {
    const anew = await fresh();
    const made = Object.assign(document.createElement("form"), { method: "post", action: form.action, hidden: true });
    if (form.enctype) made.enctype = form.enctype;
    const add = (key, value) => {
      const input = Object.assign(document.createElement("input"), { name: key });
      if (value instanceof File) {
        const held = new DataTransfer();
        held.items.add(value);
        input.type = "file";
        input.files = held.files;
      } else {
        Object.assign(input, { type: "hidden", value });
      }
      made.append(input);
    };
    for (const [key, value] of renewed(one.entries, anew)) if (key !== "version") add(key, value);
    add("verb", "continue");
    document.body.append(made);
    made.submit();
  }

  /* A browser may believe that there is a network where there is none: a page that was kept here says otherwise. */
  let away = "keptPage" in form.dataset;
  function offline() {
    part("offline").hidden = navigator.onLine && !away;
  }

  let passing = false;
  let sending = false;
  form.addEventListener("submit", async (event) => {
    if (passing || event.submitter?.value !== "send") return;
    event.preventDefault();
    // a button that is disabled loses the focus
    if (sending) return;
    sending = true;
    const submitter = event.submitter;
    const given = entries();
    submitter.setAttribute("aria-disabled", "true");
    say(words.sending);
    try {
      if (!navigator.onLine) return await keep(given);
      let told;
      try {
        told = await post(given);
        if (told.code === "session") {
          const anew = await fresh();
          told = await post(renewed(given, anew));
          for (const input of form.querySelectorAll("[name=_csrf_token]")) input.value = anew.get("_csrf_token") ?? input.value;
        }
      } catch {
        return await keep(given);
      }
      if (told.address) {
        await drop(name());
        window.location.assign(told.address);
        return;
      }
      // the page that the portal answers says what is to be looked at
      passing = true;
      form.requestSubmit(submitter);
    } finally {
      passing = sending = false;
      submitter.removeAttribute("aria-disabled");
    }
  });

  addEventListener("online", async () => {
    away = false;
    await show();
    await sendAll();
  });
  addEventListener("offline", offline);
  show().then(sendAll);
  setInterval(() => part("box").hidden || sendAll(), AGAIN);

  /* Have the page and what it is made of open where there is no network. */
  if ("serviceWorker" in navigator && form.dataset.worker) {
    const made = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src], img[src]")].map((one) => one.href || one.src);
    navigator.serviceWorker
      .register(form.dataset.worker, { scope: new URL(form.action).pathname })
      .then(() => navigator.serviceWorker.ready)
      .then((registered) => registered.active.postMessage({ page: window.location.href.split("#")[0], made }))
      .then(() => (form.dataset.ready = ""))
      .catch((error) => console.warn("This page can't be opened without a network:", error));
  }
})();
