/* Lets the page of a form open where there is no network: the page as strangers are given it, and what it is made of.
   Nothing else is kept; what the network gives is preferred. */
"use strict";

const KEPT = "lrtzc-forms-1";
const SOON = 8000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const { page, made } = event.data ?? {};
  if (typeof page === "string" && Array.isArray(made)) event.waitUntil(keep(page, made));
});

async function keep(page, made) {
  const kept = await caches.open(KEPT);
  // as a stranger: a device kept by several holds nobody's name
  const answer = await fetch(page, { credentials: "omit" });
  if (!answer.ok || answer.redirected) return void (await kept.delete(page));
  await kept.put(page, answer);
  const ours = made.filter((address) => new URL(address).origin === self.location.origin);
  await Promise.all(
    ours.map(async (address) => {
      const given = await fetch(address, { credentials: "omit" });
      if (given.ok) await kept.put(address, given);
    }),
  );
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(request.mode === "navigate" ? shown(request) : given(request));
});

async function given(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request.url, { cacheName: KEPT, ignoreVary: true });
    if (!kept) throw error;
    return kept;
  }
}

async function shown(request) {
  const kept = await caches.match(request.url, { cacheName: KEPT, ignoreVary: true });
  try {
    const asked = fetch(request);
    const answer = kept ? await Promise.race([asked, late()]) : await asked;
    if ([403, 404, 410].includes(answer.status)) await (await caches.open(KEPT)).delete(request.url);
    return answer;
  } catch (error) {
    if (!kept) throw error;
    const text = (await kept.text()).replace(" data-kept=", " data-kept-page data-kept=");
    const headers = new Headers({ "Content-Type": "text/html; charset=utf-8" });
    // the rules that the page was given with hold: its scripts carry their number
    for (const name of ["Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "X-Content-Type-Options"]) {
      if (kept.headers.has(name)) headers.set(name, kept.headers.get(name));
    }
    return new Response(text, { headers });
  }
}

function late() {
  return new Promise((_done, failed) => setTimeout(() => failed(new Error("the network is too slow")), SOON));
}
