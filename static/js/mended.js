/* After a refused form: a field that is being changed is red no longer. Its message keeps its room, so that nothing
   moves under a finger; the summary stays, it says what was wrong when the form was sent. */
(() => {
  "use strict";
  for (const message of document.querySelectorAll('[id$="_error"]')) {
    const field = message.parentElement;
    field.addEventListener("input", () => {
      message.style.visibility = "hidden";
      field.querySelector(".invalid")?.classList.replace("invalid", "mended");
      for (const wrong of field.querySelectorAll("[aria-invalid]")) wrong.removeAttribute("aria-invalid");
      for (const told of [field, ...field.querySelectorAll("[aria-describedby]")]) forget(told, message.id);
    }, { once: true });
  }

  /* What is hidden is still read aloud where it is pointed at. */
  function forget(told, id) {
    const left = (told.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
    if (left.length) told.setAttribute("aria-describedby", left.join(" "));
    else told.removeAttribute("aria-describedby");
  }
})();
