/* News on the device in hand: asks the browser for an address at its push service, and gives that to Kring. */
(() => {
  "use strict";
  const form = document.querySelector("[data-phone]");
  const off = document.querySelector("[data-phone-off]");
  const say = (what) => document.querySelectorAll("[data-phone-says]").forEach((line) => { line.hidden = line.dataset.phoneSays !== what; });
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const isApple = /iPhone|iPad/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);

  /* What was asked for with another key reaches nobody: it is asked for anew. */
  async function subscribe() {
    const { pushManager } = await navigator.serviceWorker.ready;
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.phone) });
  }

  say("");
  if (form) {
    if (!can) say(isApple ? "home" : "cannot");
    else if (Notification.permission === "denied") say("blocked");
    else form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      say("");
      try {
        if (await Notification.requestPermission() !== "granted") { form.hidden = true; say("blocked"); return; }
        const subscription = await subscribe();
        form.elements.endpoint.value = subscription.endpoint;
        for (const name of ["p256dh", "auth"]) form.elements[name].value = text(subscription.getKey(name));
        form.submit();
      } catch { say("failed"); }
    });
  }

  if (off && can && Notification.permission === "denied") say("blocked");
  off?.addEventListener("submit", async (event) => {
    event.preventDefault();
    try { await (await (await navigator.serviceWorker.ready).pushManager.getSubscription())?.unsubscribe(); } catch { /* the row goes all the same */ }
    off.submit();
  });
})();
