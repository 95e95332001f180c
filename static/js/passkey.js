/* Passkeys: the browser makes or uses one, and what it signed is sent. Shown where a browser can. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const keys = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

  function answer(credential) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    const { id, type } = credential;
    return { id, rawId: text(credential.rawId), type, response, clientExtensionResults: credential.getClientExtensionResults() };
  }

  async function make(form) {
    const asked = JSON.parse(form.dataset.options).publicKey;
    const user = { ...asked.user, id: bytes(asked.user.id) };
    const publicKey = { ...asked, user, challenge: bytes(asked.challenge), excludeCredentials: keys(asked.excludeCredentials) };
    return navigator.credentials.create({ publicKey });
  }

  async function use(form) {
    form.shared.value = document.querySelector("[name=shared]:checked")?.value ?? "";
    const reply = await fetch(form.action, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const asked = (await reply.json()).request_options.publicKey;
    const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: keys(asked.allowCredentials) };
    return navigator.credentials.get({ publicKey });
  }

  for (const form of document.querySelectorAll("[data-passkey]")) {
    const failed = form.querySelector("[data-passkey-failed]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failed.hidden = true;
      try {
        form.credential.value = JSON.stringify(answer(await (form.dataset.passkey === "create" ? make(form) : use(form))));
        form.submit();
      } catch { failed.hidden = false; }
    });
  }

  for (const offer of document.querySelectorAll("[data-passkey-offer]")) offer.hidden = false;
})();
