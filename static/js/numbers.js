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
