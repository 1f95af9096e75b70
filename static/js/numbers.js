/* Choosing and dropping files, what was chosen, what is too large, and how far the sending is. The form works without it. */
(function () {
  "use strict";
  var form = document.getElementById("upload");
  if (!form || !window.FormData || !window.DataTransfer) { return; }
  var input = form.querySelector("input[type=file]");
  var drop = form.querySelector(".zb-drop");
  var chosen = form.querySelector("[data-chosen]");
  var wrong = form.querySelector("[data-wrong]");
  var sent = form.querySelector("[data-sent]");
  var said = form.querySelector("[data-said]");

  function size(bytes) {
    return bytes < 1048576 ? Math.ceil(bytes / 1024) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
  }

  function tooLarge() {
    var total = Array.prototype.reduce.call(input.files, function (sum, file) { return sum + file.size; }, 0);
    return total > Number(form.dataset.largest);
  }

  function show() {
    chosen.replaceChildren();
    Array.prototype.forEach.call(input.files, function (file) {
      var line = document.createElement("li");
      var about = document.createElement("span");
      line.textContent = file.name;
      about.textContent = size(file.size);
      line.appendChild(about);
      chosen.appendChild(line);
    });
    chosen.hidden = input.files.length === 0;
    wrong.hidden = !tooLarge();
    wrong.textContent = wrong.hidden ? "" : form.dataset.tooLarge;
    said.textContent = "";
  }

  input.addEventListener("change", show);
  ["dragenter", "dragover"].forEach(function (name) {
    drop.addEventListener(name, function (event) { event.preventDefault(); drop.classList.add("over"); });
  });
  ["dragleave", "drop"].forEach(function (name) {
    drop.addEventListener(name, function () { drop.classList.remove("over"); });
  });
  drop.addEventListener("drop", function (event) {
    event.preventDefault();
    var files = new DataTransfer();
    Array.prototype.forEach.call(event.dataTransfer.files, function (file) { files.items.add(file); });
    if (files.files.length) { input.files = files.files; show(); }
  });

  /* Too much is refused before it is sent; the server would refuse it after. */
  form.addEventListener("submit", function (event) {
    if (tooLarge()) { event.preventDefault(); event.stopImmediatePropagation(); show(); }
  }, true);
  form.addEventListener("htmx:xhr:progress", function (event) {
    if (!event.detail.lengthComputable) { return; }
    var share = Math.floor(event.detail.loaded * 100 / event.detail.total);
    sent.hidden = false;
    sent.value = share;
    said.textContent = share < 100 ? form.dataset.sending + " " + share + "%" : form.dataset.arrived;
  });
  form.addEventListener("htmx:afterRequest", function (event) {
    sent.hidden = true;
    said.textContent = "";
    if (event.detail.successful) { input.value = ""; show(); }
  });
})();

/* What is typed in the forms of a quarter and not stored yet lies in the tab's session storage, so that a page left for another,
   a reload or a refusal loses nothing: it is put back into its boxes when the page stands again. The server says which form it
   stored; one that it shows again only to be looked at is marked data-unsent. */
(function () {
  "use strict";
  var slot = "zhibao-quarter:" + location.pathname, typed = {};
  if (!document.getElementById("quarter")) { return; }
  try { typed = JSON.parse(sessionStorage.getItem(slot)) || {}; } catch (broken) { typed = {}; }

  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.id && field.name && !/^(hidden|file|submit|button)$/.test(field.type);
    });
  }
  function byScript(event) {
    var form = event.target.closest ? event.target.closest("#quarter form") : null;
    return form && form.hasAttribute("hx-post") ? form : null;
  }
  function keep() {
    try {
      if (Object.keys(typed).length) { sessionStorage.setItem(slot, JSON.stringify(typed)); } else { sessionStorage.removeItem(slot); }
    } catch (full) { /* no storage: the page alone keeps it */ }
  }
  function note(form) {
    fields(form).forEach(function (field) { typed[field.id] = field.value; });
    keep();
  }
  function putBack() {
    var told = document.querySelector("[data-put-back]"), count = 0;
    document.querySelectorAll("#quarter form[data-unsent]").forEach(note);
    Object.keys(typed).forEach(function (id) {
      var field = document.getElementById(id), way = field && field.closest("details");
      if (!field || field.readOnly || field.value === typed[id]) { return; }
      field.value = typed[id];
      if (field.value === typed[id]) { count += 1; }
      if (way) { way.open = true; }
    });
    if (told && count) { told.hidden = false; }
  }

  document.addEventListener("input", function (event) {
    if (byScript(event) && event.target.id && event.target.type !== "file") { typed[event.target.id] = event.target.value; keep(); }
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    var form = event.detail.requestConfig.elt;
    if (event.detail.target.id !== "quarter") { return; }
    document.querySelectorAll(".zb-said").forEach(function (said) { said.remove(); });
    if (event.detail.xhr.status < 400 && form.matches("form")) { forget(form); }
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    /* A list that was taken leads to its own page. */
    if (event.detail.xhr.getResponseHeader("HX-Redirect")) { forget(event.detail.elt); }
  });
  function forget(form) {
    fields(form).forEach(function (field) { delete typed[field.id]; });
    keep();
  }
  document.addEventListener("htmx:afterSettle", putBack);
  putBack();
})();
