/* Once a page is there: keep one for when there is no line. Whoever is not served by this has Kring as it was.
   Where this browser has an address at a push service: ask once whether it is still told, and give it up on leaving. */
addEventListener("load", async () => {
  const { serviceWorker } = navigator;
  navigator.clearAppBadge?.().catch(() => {});
  const kept = await serviceWorker?.register("/werker.js", { updateViaCache: "all" }).catch(() => {});
  const told = await kept?.pushManager?.getSubscription().catch(() => {});
  if (!told) return;

  /* On a tablet that others use too nothing stays: no address, and no notice that still shows. */
  for (const form of document.querySelectorAll("form[data-forget]")) form.addEventListener("submit", () => {
    told.unsubscribe().catch(() => {});
    kept.getNotifications().then((notices) => notices.forEach((notice) => notice.close())).catch(() => {});
  });

  const { person } = document.body.dataset;
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  try {
    if (!person || !token || sessionStorage.getItem("kring-told") === person) return;
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, endpoint: told.endpoint });
    const answer = await fetch("/instellingen/nieuws/apparaat/nog/", { method: "POST", body });
    if (answer.status === 404) await told.unsubscribe();
    sessionStorage.setItem("kring-told", person);
  } catch { /* no line: the next page asks */ }
});
