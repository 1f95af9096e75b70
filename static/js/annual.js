/* How long a statement is, while it is being written. The server counts as well. */
(function () {
  "use strict";
  Array.prototype.forEach.call(document.querySelectorAll("[data-count]"), function (note) {
    var text = document.getElementById(note.dataset.count);
    if (!text) { return; }
    var now = note.querySelector("[data-now]");
    var fewest = Number(note.dataset.fewest);
    var most = Number(note.dataset.most);
    function count() {
      var length = Array.from(text.value).length;
      now.textContent = length;
      note.querySelector("[data-short]").hidden = length === 0 || length >= fewest;
      note.querySelector("[data-long]").hidden = length <= most;
    }
    text.addEventListener("input", count);
    count();
  });
}());

/* What was typed and not saved stays in this tab: it comes back after a reload, a lost session, the way back. What the
   fields showed when it was typed goes with it, so that the server still sees what a colleague changed meanwhile. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-keeps]");
  if (!form) { return; }
  var slot = "report:" + window.location.pathname;
  var note = document.getElementById("kept");
  var shown = {};
  var typed = {};
  var leaving = false;

  function fields() {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && field.type !== "hidden" && field.type !== "submit" && field.type !== "file";
    });
  }

  function isChoice(field) { return field.type === "radio" || field.type === "checkbox"; }

  function read() {
    var values = {};
    fields().forEach(function (field) {
      if (!isChoice(field)) { values[field.name] = field.value; }
      else if (field.checked) { values[field.name] = field.value; }
      else if (!(field.name in values)) { values[field.name] = ""; }
    });
    return values;
  }

  function keep(sent) {
    try {
      if (!Object.keys(typed).length) { sessionStorage.removeItem(slot); return; }
      sessionStorage.setItem(slot, JSON.stringify({
        typed: typed, sent: sent, seen: form.elements.seen.value, was: form.elements.was.value
      }));
    } catch (full) { /* then the page keeps it alone */ }
  }

  function bringBack() {
    var kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(slot)); } catch (broken) { kept = null; }
    if (!kept) { return; }
    if (kept.sent && kept.seen !== form.elements.seen.value) { sessionStorage.removeItem(slot); return; }
    fields().forEach(function (field) {
      if (!(field.name in kept.typed) || kept.typed[field.name] === shown[field.name]) { return; }
      typed[field.name] = kept.typed[field.name];
      if (isChoice(field)) { field.checked = field.value === typed[field.name]; }
      else { field.value = typed[field.name]; field.dispatchEvent(new Event("input", { bubbles: true })); }
    });
    if (!Object.keys(typed).length) { sessionStorage.removeItem(slot); return; }
    form.elements.seen.value = kept.seen;
    form.elements.was.value = kept.was;
    note.hidden = false;
  }

  shown = read();
  bringBack();
  ["input", "change"].forEach(function (name) {
    form.addEventListener(name, function () {
      var now = read();
      typed = {};
      Object.keys(now).forEach(function (field) { if (now[field] !== shown[field]) { typed[field] = now[field]; } });
      keep(false);
    });
  });
  form.addEventListener("submit", function () { leaving = true; keep(true); });
  window.addEventListener("beforeunload", function (event) {
    if (!leaving && Object.keys(typed).length) { event.preventDefault(); event.returnValue = ""; }
  });
}());
