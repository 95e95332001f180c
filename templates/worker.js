/* What a browser keeps of Kring for when there is no line: one page that is about nobody, and what it is dressed in
   (docs/adr/0047). No other page, no photo and no letter is ever kept here, and nothing is ever answered from here
   while there is a line. And it shows what is pushed, in browsers that do not do so by themselves (docs/adr/0072). */
"use strict";
const PAGE = "{{ page|escapejs }}";
const DRESS = [{% for address in dress %}"{{ address|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const SIGN = "{{ sign|escapejs }}";
const KEY = "{{ key|escapejs }}";
const RENEWED = "{% url 'groups:phone_renewed' %}";
const SHELF = "no-line-{{ version|escapejs }}";

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(request.method === "GET" ? opened(event) : sent(request));
  else if (DRESS.includes(new URL(request.url).pathname)) event.respondWith(fetch(request).catch(() => kept(request.url)));
});

self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
self.addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)));

/* Always something to see, also when it cannot be read: who pushes without is cut off by the browser. */
async function show(data) {
  let said = {};
  try { said = data.json().notification || {}; } catch { /* then Kring alone */ }
  const { title = "Kring", body = "", tag = "kring", lang = "", navigate = "/" } = said;
  await self.registration.showNotification(title, { body, tag, lang, icon: SIGN, data: navigate });
  await self.navigator.setAppBadge?.().catch(() => {});
}

/* A browser that changed its address by itself says so; where Kring tells nobody here any more, it gives it up. */
async function renew({ oldSubscription: before, newSubscription: after }) {
  const { pushManager } = self.registration;
  const ask = { userVisibleOnly: true, applicationServerKey: KEY };
  const told = after || (await pushManager.getSubscription()) || (await pushManager.subscribe(ask));
  const csrfmiddlewaretoken = await (await fetch(RENEWED)).text();
  const { endpoint, keys } = told.toJSON();
  const body = new URLSearchParams({ csrfmiddlewaretoken, before: before?.endpoint || "", endpoint, ...keys });
  if ((await fetch(RENEWED, { method: "POST", body })).status === 404) await told.unsubscribe();
}

/* To a page of ours and nowhere else: in a window that is there, or in a new one. */
async function open(notice) {
  notice.close();
  const asked = URL.canParse(notice.data, self.location.origin) && new URL(notice.data, self.location.origin);
  const address = asked && asked.origin === self.location.origin ? asked.href : "/";
  const [there] = await self.clients.matchAll({ type: "window" });
  if (!there) return self.clients.openWindow(address);
  await there.focus();
  return there.navigate(address);
}

/* Asked for without a cookie: what comes is what a stranger gets. */
async function keep() {
  const shelf = await caches.open(SHELF);
  await shelf.addAll([PAGE, ...DRESS].map((address) => new Request(address, { credentials: "omit", cache: "reload" })));
  await self.skipWaiting();
}

/* The page is asked for while this script still wakes up: that costs nobody a wait. */
async function begin() {
  await self.registration.navigationPreload?.enable();
  for (const name of await caches.keys()) if (name !== SHELF) await caches.delete(name);
}

/* Back to what a form led to: the browser asks for a copy that nobody keeps, which says nothing about the line. */
async function opened(event) {
  try {
    if (event.request.cache === "only-if-cached") return await fetch(event.request.url, { redirect: "manual" });
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return kept(PAGE);
  }
}

/* What did not get through leads back to the page it was sent from, where the words still are. */
async function sent(request) {
  try {
    return await fetch(request);
  } catch {
    return Response.redirect(request.referrer || "/");
  }
}

async function kept(address) {
  return (await caches.match(address, { ignoreVary: true })) || Response.error();
}
