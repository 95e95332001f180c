/* Once a page is there: keep one for when there is no line. Whoever is not served by this has Kring as it was. */
addEventListener("load", () => {
  navigator.serviceWorker?.register("/werker.js", { updateViaCache: "all" }).catch(() => {});
});
