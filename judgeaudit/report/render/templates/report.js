
(function () {
  "use strict";
  document.querySelectorAll(".cases").forEach(function (box) {
    if (Number(box.dataset.groups) < 2) { return; }
    var names = [], label = document.createElement("label"), select = document.createElement("select");
    var told = document.createElement("span");
    box.querySelectorAll(".case").forEach(function (one) { names[one.dataset.group] = one.dataset.judge; });
    label.className = "filter";
    told.setAttribute("role", "status");
    label.append("Show disagreements of ", select);
    select.append(new Option("every judge", ""));
    names.forEach(function (name, place) { select.append(new Option(name, String(place))); });
    select.addEventListener("change", function () {
      var shown = 0;
      box.querySelectorAll(".case").forEach(function (one) {
        one.hidden = select.value !== "" && one.dataset.group !== select.value;
        shown += one.hidden ? 0 : 1;
      });
      told.textContent = " " + shown + " shown";
    });
    label.append(told);
    box.prepend(label);
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (one) { one.open = true; });
  });
})();
