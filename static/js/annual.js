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
