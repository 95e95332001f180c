/* Reads a message aloud, by a voice of this device only: another voice would send the words away. */
(() => {
  "use strict";
  const button = document.querySelector("[data-read]");
  const speech = window.speechSynthesis;
  const written = document.querySelector(".post .text");
  if (!button || !speech || !written) return;
  const language = (written.lang || document.documentElement.lang).slice(0, 2);
  const own = () => speech.getVoices().find((voice) => voice.localService && voice.lang.slice(0, 2) === language);

  function say(reading) {
    button.setAttribute("aria-pressed", String(reading));
    button.querySelector("span").textContent = reading ? button.dataset.stop : button.dataset.read;
  }
  const offer = () => { button.hidden = !own(); };
  button.addEventListener("click", () => {
    if (speech.speaking) { speech.cancel(); say(false); return; }
    /* A paragraph at a time: some devices stop in the middle of a long one. */
    const parts = [...written.querySelectorAll("h1, p, li")].map((part) => part.textContent.trim()).filter(Boolean);
    parts.forEach((part, place) => {
      const words = new SpeechSynthesisUtterance(part);
      words.voice = own();
      words.lang = words.voice.lang;
      if (place === parts.length - 1) words.onend = () => say(false);
      words.onerror = () => say(false);
      speech.speak(words);
    });
    say(true);
  });
  speech.addEventListener("voiceschanged", offer);
  window.addEventListener("pagehide", () => speech.cancel());
  offer();
})();
