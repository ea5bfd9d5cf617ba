// The desk: keys, the scanner that types anywhere, the change to give back. The server counts again.
(() => {
  "use strict";
  const begun = new WeakSet();

  function beginKeys() {
    let digits = "";
    let last = 0;
    document.addEventListener("keydown", (event) => {
      const key = `${event.altKey ? "Alt+" : ""}${event.altKey && event.code.startsWith("Digit") ? event.code.slice(5) : event.key}`;
      const target = Array.from(document.querySelectorAll("[data-vl-key]")).find((one) => one.dataset.vlKey.toLowerCase() === key.toLowerCase());
      // keys that mean something in a field keep that meaning there
      const typing = event.target.matches("input, select, textarea") && !/^(Alt\+.+|F\d+|Escape)$/.test(key);
      if (target && !typing) {
        event.preventDefault();
        target.focus();
        if (target.matches("input, textarea")) target.select();
        else if (!target.matches("select")) target.click();
        return;
      }
      const scan = document.querySelector("[data-vl-scan]");
      if (!scan || event.target === scan || event.altKey || event.ctrlKey || event.metaKey) return;
      // a scanner types faster than a person: under 40 ms from digit to digit, at least six, then Enter
      const now = event.timeStamp;
      if (/^[0-9]$/.test(event.key)) {
        digits = now - last < 40 ? digits + event.key : event.key;
        last = now;
      } else if (event.key === "Enter" && digits.length >= 6 && now - last < 100) {
        event.preventDefault();
        // the digits also landed in the field with the cursor: take them out again
        if (event.target.matches("input, textarea") && event.target.value.endsWith(digits)) event.target.value = event.target.value.slice(0, -digits.length);
        scan.value = digits;
        digits = "";
        if (scan.form) scan.form.requestSubmit();
        else scan.dispatchEvent(new Event("change", { bubbles: true }));
      } else if (event.key.length === 1) digits = "";
    });
  }
  const euro = (cents) => `€\u00a0${Math.floor(cents / 100).toString().replace(/\B(?=(\d{3})+$)/g, ".")},${String(cents % 100).padStart(2, "0")}`;
  const cents = (text) => {
    const plain = text.trim().replace(/\s|€/g, "").replace(",", ".");
    return /^\d+(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : null;
  };
  function beginGiven(input) {
    const out = document.querySelector("[data-vl-change]");
    const due = cents(input.dataset.vlDue || "");
    if (!out || due === null || begun.has(input)) return;
    begun.add(input);
    const refresh = () => {
      const given = cents(input.value);
      if (given === null) out.textContent = "–";
      else out.textContent = given >= due ? euro(given - due) : `nog ${euro(due - given)} te weinig`;
    };
    input.addEventListener("input", refresh);
    document.querySelectorAll("[data-vl-give]").forEach((button) => button.addEventListener("click", () => {
      input.value = button.dataset.vlGive.replace(".", ",");
      refresh();
      input.focus();
    }));
    refresh();
  }

  function begin() {
    document.querySelectorAll("[data-vl-given]").forEach(beginGiven);
  }
  beginKeys();
  begin();
  document.addEventListener("htmx:afterSettle", begin);
})();
