// Everything works without this file; it only makes it quicker and spoken. No inline handlers anywhere: listeners live here.
(() => {
  "use strict";
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const status = () => document.getElementById("vl-status");

  // Empty first, so that the same words twice are spoken twice.
  let saying = 0;
  function say(region, words) {
    if (!region) return;
    region.textContent = "";
    window.clearTimeout(saying);
    saying = window.setTimeout(() => { region.textContent = words; }, 60);
  }

  // ── menus and filters start closed on a small screen ──
  if (window.matchMedia("(max-width: 61.99rem)").matches) all("[data-vl-side]").forEach((part) => { part.open = false; });
  if (window.matchMedia("(max-width: 47.99rem)").matches) all("[data-vl-filters]").forEach((part) => { part.open = false; });

  // ── the error summary takes focus ──
  function focusErrors(root) {
    const summary = root.matches?.("[data-vl-errors]") ? root : root.querySelector("[data-vl-errors]");
    if (summary) summary.focus();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".vl-errors a[href^='#'], .vl-missing a[href^='#']");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest(".vl-field") || field).scrollIntoView({ block: "start" });
    // a group is no place for the cursor: its first radio or checkbox that can be used is
    const place = field.matches("fieldset") ? field.querySelector("input:enabled:not([type='hidden']), select:enabled, textarea:enabled") : field;
    (place || field).focus({ preventScroll: true });
  });

  // ── send once, and say that it is busy ──
  function setBusy(button) {
    const words = button.querySelector("[data-vl-words]") || button;
    if (button.dataset.vlLabel === undefined) button.dataset.vlLabel = words.textContent;
    words.textContent = button.dataset.busyLabel;
    button.setAttribute("aria-busy", "true");
  }
  function setReady(button) {
    if (button.dataset.vlLabel !== undefined) (button.querySelector("[data-vl-words]") || button).textContent = button.dataset.vlLabel;
    delete button.dataset.vlLabel;
    button.removeAttribute("aria-busy");
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post") || form.hasAttribute("data-vl-download")) return;
    const button = event.submitter || form.querySelector("[data-busy-label]");
    // htmx sends this one itself, so the form stays where it is
    if (button?.hasAttribute("hx-post") && window.htmx) return;
    if (form.dataset.vlSent) { event.preventDefault(); return; }
    form.dataset.vlSent = "1";
    if (button?.dataset.busyLabel) {
      // after the browser has collected the form: the button's own name and value still go along
      window.setTimeout(() => { setBusy(button); say(status(), button.dataset.busyLabel); }, 0);
    }
  });
  window.addEventListener("pageshow", () => {
    all("form[data-vl-sent]").forEach((form) => { delete form.dataset.vlSent; });
    all("[aria-busy='true'][data-busy-label]").forEach(setReady);
  });

  // ── HTMX: waiting in words, failing in words ──
  const waits = new WeakMap();
  function alertWords(words) {
    const region = document.getElementById("vl-alert");
    if (!region) return;
    region.textContent = "";
    window.setTimeout(() => {
      const text = document.createElement("span");
      text.textContent = words;
      const close = document.createElement("button");
      close.type = "button";
      close.className = "btn btn-quiet btn-tight";
      close.textContent = "Sluiten";
      close.addEventListener("click", () => { region.textContent = ""; });
      region.append(text, close);
    }, 60);
  }
  // by request and not by element: the answer may have replaced the button that asked
  function stopWaiting(request, source) {
    const timers = waits.get(request);
    if (timers) {
      timers.forEach((timer) => window.clearTimeout(timer));
      window.clearTimeout(saying); // the answer speaks for itself
    }
    waits.delete(request);
    if (source.matches?.("[data-busy-label]")) setReady(source);
  }
  document.addEventListener("htmx:beforeRequest", (event) => {
    const source = event.detail.elt;
    if (source.hasAttribute("data-vl-quiet")) return; // looks again by itself, nobody asked
    if (document.getElementById("vl-alert")) document.getElementById("vl-alert").textContent = "";
    const button = event.detail.requestConfig?.triggeringEvent?.submitter || source;
    if (button.dataset?.busyLabel) setBusy(button);
    if (source.closest("[data-vl-combo]")) return; // says it at the foot of its own list
    waits.set(event.detail.xhr, [
      window.setTimeout(() => say(status(), source.dataset.vlWaiting || button.dataset?.busyLabel || "Even geduld"), 300),
      window.setTimeout(() => say(status(), "Dit duurt langer dan gewoonlijk. Je mag wachten, of de pagina opnieuw laden en het later proberen."), 8000),
    ]);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const source = event.detail.elt;
    if (source.hasAttribute("data-vl-quiet")) return;
    const button = event.detail.requestConfig?.triggeringEvent?.submitter;
    stopWaiting(event.detail.xhr, source);
    if (button?.dataset.busyLabel) setReady(button);
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.closest("[data-vl-combo], [data-vl-quiet]")) return;
    const code = event.detail.xhr.status;
    if (code === 429) alertWords("Je deed dit heel vaak na elkaar. Wacht enkele minuten en probeer het dan opnieuw.");
    else if (code === 403 || code === 400) alertWords("Dit ging niet door. Laad de pagina opnieuw en probeer het nog eens.");
    else if (code === 404) alertWords("Dit bestaat niet meer. Laad de pagina opnieuw.");
    else alertWords("Er liep iets mis bij ons. Er is niets veranderd: probeer het straks opnieuw.");
  });
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, (event) => {
    if (event.detail.elt.closest("[data-vl-combo], [data-vl-quiet]")) return;
    alertWords("We krijgen geen antwoord. Kijk je internetverbinding na en probeer het opnieuw.");
  }));
  // htmx gives the focus back to what was pressed once all is in place: only then may the summary have it
  let errorsCame = false;
  document.addEventListener("htmx:afterSettle", (event) => {
    begin(document);
    focusErrors(event.detail.elt);
    if (errorsCame) focusErrors(document.getElementById("vl-errors"));
    errorsCame = false;
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    begin(document);
    if (event.detail.target?.id === "vl-errors") errorsCame = true;
  });

  // ── live search: combobox with a list, after the ARIA 1.2 pattern ──
  function beginCombo(combo) {
    const input = combo.querySelector("[role='combobox']");
    const list = combo.querySelector("[role='listbox']");
    const pop = combo.querySelector(".vl-combo__pop");
    const words = combo.querySelector("[data-vl-state]");
    const again = combo.querySelector("[data-vl-again]");
    const choice = combo.querySelector("[data-vl-choice]");
    // otherwise Enter in any field of the form would press this button, which is its first
    combo.querySelector(".vl-noscript")?.remove();
    if (!choice) return; // the answer without script: radios stand there
    const least = Number(combo.dataset.minChars) || 3;
    const noun = combo.dataset.noun;
    let chosen = { id: choice.value, label: input.value };
    let timer = 0;
    let waiting = [];
    const rest = () => waiting.forEach((one) => window.clearTimeout(one));
    const options = () => all("[role='option']", list);
    const active = () => list.querySelector("[aria-selected='true']");

    function show(sentence, spoken) {
      words.textContent = sentence;
      if (spoken) say(status(), sentence);
      pop.hidden = false;
      input.setAttribute("aria-expanded", String(options().length > 0));
    }
    function hide() {
      pop.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function point(option) {
      options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
      if (option) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    }
    function keep(id, label) {
      const changed = choice.value !== id;
      chosen = { id, label };
      choice.value = id;
      input.value = label;
      list.replaceChildren();
      hide();
      if (changed) choice.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function choose(option) {
      Object.keys(option.dataset).forEach((key) => { if (key !== "id" && key !== "label") choice.dataset[key] = option.dataset[key]; });
      keep(option.dataset.id, option.dataset.label);
      say(status(), `Gekozen: ${option.dataset.label}`);
    }
    function search() {
      window.clearTimeout(timer);
      again.hidden = true;
      const typed = input.value.trim();
      if (typed.length < least) {
        list.replaceChildren();
        const short = least - typed.length;
        if (typed) show(`Typ nog ${short} ${short === 1 ? "letter" : "letters"}.`, false);
        else hide();
        return;
      }
      timer = window.setTimeout(() => {
        rest();
        waiting = [
          window.setTimeout(() => show(`We zoeken ${noun}.`, true), 300),
          window.setTimeout(() => { show("Dit duurt langer dan gewoonlijk. Wat je koos, blijft bewaard: je mag wachten of verder werken.", true); again.hidden = false; }, 8000),
        ];
        if (window.htmx) window.htmx.trigger(input, "vl:search");
      }, 300);
    }
    function failed() {
      rest();
      list.replaceChildren();
      show("We krijgen nu geen antwoord. Wat je koos, blijft bewaard.", true);
      again.hidden = false;
    }

    input.addEventListener("input", () => {
      if (!input.value.trim() && choice.value) { keep("", ""); return; }
      search();
    });
    input.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.successful) rest();
    });
    input.addEventListener("htmx:responseError", failed);
    input.addEventListener("htmx:sendError", failed);
    input.addEventListener("htmx:timeout", failed);
    list.addEventListener("htmx:afterSwap", () => {
      rest();
      const answer = list.querySelector("[data-vl-answer]");
      options().forEach((option, index) => { option.id = `${input.id}-optie-${index + 1}`; });
      again.hidden = answer?.dataset.vlAnswer !== "no_answer";
      const link = answer?.querySelector("a"); // to the log of calls, when publiq gave no answer
      if (link) link.remove();
      const sentence = answer ? answer.textContent.trim() : `${options().length} ${noun} gevonden.`;
      if (answer) answer.remove();
      if (document.activeElement === input || combo.contains(document.activeElement)) {
        show(sentence, true);
        if (link) words.append(" ", link);
      } else list.replaceChildren();
    });
    again.addEventListener("click", () => { input.focus(); search(); });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role='option']");
      if (option) choose(option);
    });
    input.addEventListener("keydown", (event) => {
      const found = options();
      const now = found.indexOf(active());
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!found.length) { search(); return; }
        pop.hidden = false;
        const step = event.key === "ArrowDown" ? 1 : -1;
        point(found[(now + step + (now < 0 && step < 0 ? 1 : 0) + found.length) % found.length]);
      } else if (event.key === "Enter" && !pop.hidden) {
        event.preventDefault();
        if (now >= 0) choose(found[now]);
      } else if (event.key === "Escape" && (!pop.hidden || input.value !== chosen.label)) {
        event.preventDefault();
        window.clearTimeout(timer);
        keep(chosen.id, chosen.label);
      }
    });
    combo.addEventListener("focusout", (event) => {
      if (combo.contains(event.relatedTarget)) return;
      window.clearTimeout(timer);
      rest();
      // words that were not chosen mean nothing: what was chosen comes back
      input.value = chosen.label;
      list.replaceChildren();
      hide();
    });
  }

  // ── the time a basket's places stay held ──
  function beginHold(box) {
    const words = box.querySelector("[data-vl-hold-words]");
    const meter = box.querySelector("meter");
    const more = box.querySelector("[data-vl-hold-extend]");
    const over = box.querySelector("[data-vl-hold-over]");
    const places = Number(box.dataset.places);
    const end = box.dataset.seconds ? Date.now() + Number(box.dataset.seconds) * 1000 : Date.parse(box.dataset.expires);
    const held = places === 1 ? "je plaats" : `je ${places} plaatsen`;
    const spoken = new Set();
    const time = document.createElement("time");
    let clock = 0;

    function once(key, sentence) {
      if (spoken.has(key)) return;
      spoken.add(key);
      say(status(), sentence);
    }
    function tick() {
      if (!box.isConnected) { window.clearInterval(clock); return; }
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      meter.value = left;
      if (left === 0) {
        window.clearInterval(clock);
        words.hidden = true;
        meter.hidden = true;
        if (more) more.hidden = true;
        over.hidden = false;
        box.classList.remove("vl-hold--last");
        box.classList.add("vl-hold--over");
        once("end", over.textContent.trim());
        return;
      }
      const minutes = Math.floor(left / 60);
      const seconds = left % 60;
      time.dateTime = `PT${minutes}M${seconds}S`;
      time.textContent = minutes ? `${minutes} min ${seconds} s` : `${seconds} s`;
      const last = left <= 60;
      words.replaceChildren(`We houden ${held} nog `, time, " voor je vast.");
      box.classList.toggle("vl-hold--last", last);
      if (more) more.hidden = !last;
      if (last) once("1", `We houden ${held} nog 1 minuut vast.${more ? " Je kan 5 minuten extra vragen." : ""}`);
      else if (left <= 300) once("5", `We houden ${held} nog 5 minuten vast.`);
    }
    // what has already passed when the page opens is not spoken
    const atStart = (end - Date.now()) / 1000;
    if (atStart < 298) spoken.add("5");
    if (atStart <= 0) spoken.add("end");
    tick();
    clock = window.setInterval(tick, 1000);
  }

  // ── tables: select all, count the selection ──
  function beginBulk(bar) {
    const form = bar.closest("form");
    if (!form) return;
    const boxes = () => all("[data-vl-select]", form);
    const also = () => all("[data-vl-also]", form);  // chosen with the rows, but no row of its own
    const master = form.querySelector("[data-vl-select-all]");
    const count = bar.querySelector("[data-vl-bulk-count]");
    const clear = bar.querySelector("[data-vl-bulk-clear]");
    const nothing = count.textContent;
    function refresh() {
      const list = boxes();
      const chosen = list.filter((box) => box.checked);
      list.forEach((box) => box.closest("tr")?.classList.toggle("is-selected", box.checked));
      if (master) {
        master.checked = chosen.length > 0 && chosen.length === list.length;
        master.indeterminate = chosen.length > 0 && chosen.length < list.length;
      }
      const total = chosen.length + also().filter((box) => box.checked).length;
      const sentence = total ? `${total} geselecteerd` : (nothing.includes("geselecteerd") ? "Niets geselecteerd" : nothing);
      if (count.textContent !== sentence) count.textContent = sentence;
      clear.hidden = total === 0;
      bar.classList.toggle("is-empty", total === 0);
    }
    form.addEventListener("change", (event) => {
      if (event.target === master) boxes().forEach((box) => { box.checked = master.checked; });
      if (event.target === master || event.target.matches("[data-vl-select], [data-vl-also]")) refresh();
    });
    clear.addEventListener("click", () => {
      [...boxes(), ...also()].forEach((box) => { box.checked = false; });
      refresh();
      (master || boxes()[0])?.focus();
    });
    refresh();
  }

  // ── the green circle asks HTMX; Enter in a field must send the form, not press its first button ──
  function beginCircle(button) {
    if (window.htmx) button.type = "button";
  }

  // ── a pass number is looked at once all its digits are there, and on leaving its field ──
  function beginNumber(input) {
    let asked = input.value;
    let pause = 0;
    const ask = () => {
      window.clearTimeout(pause);
      if (input.value === asked) return; // its answer stands there, and was spoken
      asked = input.value;
      window.htmx?.trigger(input, "vl:check");
    };
    input.addEventListener("change", ask);
    input.addEventListener("input", () => {
      window.clearTimeout(pause);
      // a scanner types more than a number: only when it rests
      if (input.value.replace(/\D/g, "").length === Number(input.dataset.vlNumber)) pause = window.setTimeout(ask, 400);
    });
  }

  // ── parts of a form that only count for one answer ──
  function beginReveal(part) {
    const input = document.getElementById(part.dataset.vlReveal);
    if (!input) return;
    const refresh = () => { part.hidden = !input.checked; };
    const group = input.type === "radio" && input.form ? all(`input[name="${CSS.escape(input.name)}"]`, input.form) : [input];
    group.forEach((one) => one.addEventListener("change", refresh));
    refresh();
  }

  // ── a button that copies a text; without the clipboard the text is only selected ──
  function beginCopy(button) {
    const text = document.getElementById(button.dataset.vlCopies);
    if (!text) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      text.select();
      const copied = () => say(status(), "De tekst is gekopieerd.");
      const selected = () => say(status(), "De tekst is geselecteerd: kopieer ze met Ctrl-C.");
      if (navigator.clipboard) navigator.clipboard.writeText(text.value).then(copied, selected);
      else selected();
    });
  }

  // ── a toast goes by itself after six seconds, but stays under the pointer or with focus ──
  function beginToast(toast) {
    let timer = 0;
    const start = () => { timer = window.setTimeout(() => toast.remove(), 6000); };
    const stop = () => window.clearTimeout(timer);
    toast.addEventListener("mouseenter", stop);
    toast.addEventListener("mouseleave", start);
    toast.addEventListener("focusin", stop);
    toast.addEventListener("focusout", start);
    start();
  }

  // ── start, and start again in what HTMX brings ──
  const parts = [
    ["[data-vl-combo]", beginCombo], ["[data-vl-hold]", beginHold], ["[data-vl-bulk]", beginBulk],
    ["[data-vl-reveal]", beginReveal], [".vl-circle[hx-post]", beginCircle], ["[data-vl-toast]", beginToast],
    ["[data-vl-copies]", beginCopy], ["[data-vl-number]", beginNumber],
  ];
  const begun = new WeakSet();
  function begin(root) {
    parts.forEach(([selector, start]) => {
      const found = all(selector, root);
      if (root.matches?.(selector)) found.unshift(root);
      found.forEach((part) => {
        if (begun.has(part)) return;
        begun.add(part);
        start(part);
      });
    });
  }
  begin(document);
  focusErrors(document);
})();
