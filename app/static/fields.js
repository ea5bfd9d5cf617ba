// Fields of the back office that say more while one types: a count, a preview, a file that is too large.
(() => {
  "use strict";
  let saying = 0;
  function say(words) {
    const region = document.getElementById("vl-status");
    if (!region) return;
    region.textContent = ""; // so that the same words twice are spoken twice
    window.clearTimeout(saying);
    saying = window.setTimeout(() => { region.textContent = words; }, 60);
  }

  // ── how many signs of a text count; spoken when the typing stops, not on each key ──
  function beginCounter(words) {
    const field = document.getElementById(words.dataset.vlCounter);
    if (!field) return;
    const limit = Number(words.dataset.vlLimit);
    let pause = 0;
    const sentence = () => {
      const used = field.value.trim().replace(/\s+/g, " ").length;
      const text = used > limit ? words.dataset.vlOver : words.dataset.vlWithin;
      return text.replace("{used}", used).replace("{left}", limit - used).replace("{over}", used - limit);
    };
    words.hidden = false;
    words.textContent = sentence();
    field.addEventListener("input", () => {
      words.textContent = sentence();
      window.clearTimeout(pause);
      // nothing to say leaves what was said before: the answer to a button that was pressed since
      pause = window.setTimeout(() => { if (sentence()) say(sentence()); }, 1500);
    });
  }

  // ── how a text looks elsewhere, while it is typed ──
  function beginPreview(box) {
    const field = document.getElementById(box.dataset.vlPreview);
    const inList = box.querySelector("[data-vl-preview-list]");
    const whole = box.querySelector("[data-vl-preview-whole]");
    if (!field) return;
    field.addEventListener("input", () => {
      const text = field.value.trim();
      const line = text.replace(/\s+/g, " ");
      const limit = Number(box.dataset.vlLimit);
      const nothing = "Nog geen omschrijving.";
      inList.textContent = (line.length > limit ? `${line.slice(0, limit).trimEnd()}…` : line) || nothing;
      whole.textContent = text || nothing;
    });
  }

  // ── a file that is too large is said before it is sent, so that nothing typed is lost ──
  function beginFile(input) {
    const words = document.getElementById(`${input.id}-gezegd`);
    input.addEventListener("change", () => {
      const file = input.files[0];
      const most = Number(input.dataset.vlMaxBytes);
      const isLarge = Boolean(file) && file.size > most;
      const sentence = isLarge ? `Dit bestand is te groot. Kies er een van hoogstens ${Math.round(most / 1048576)} MB.` : "";
      if (isLarge) input.value = "";
      words.textContent = sentence;
      words.hidden = !isLarge;
      input.setAttribute("aria-invalid", String(isLarge));
      say(sentence || (file ? `Gekozen: ${file.name}` : ""));
    });
  }

  const parts = [["[data-vl-counter]", beginCounter], ["[data-vl-preview]", beginPreview], ["[data-vl-max-bytes]", beginFile]];
  parts.forEach(([selector, start]) => document.querySelectorAll(selector).forEach(start));
})();
