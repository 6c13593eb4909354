// What ipywidgets leaves out for a screen reader: names of handles and of figures to type, what a handle stands at as it
// is seen beside it, and that figures are live. And of a refusal: it goes with what is typed, or emptied, after it.
(() => {
  const ENDS = ["10th percentile", "90th percentile"];
  const DIGITS = 12; // beyond them is what floats add
  const NEAR = 0.501; // steps within which a slider stands for the figure that was typed
  const words = (row, part) => row.querySelector(part)?.textContent.trim() ?? "";
  const named = (element, name) => element.setAttribute("aria-label", name);
  const name = (row) => {
    const parts = [words(row, ".widget-label"), words(row, ".aiecon-unit")].filter(Boolean).join(", ");
    const said = words(row, ".aiecon-box > .widget-label") || parts;
    const handles = row.querySelectorAll(".noUi-handle");
    handles.forEach((handle, at) => named(handle, handles.length > 1 ? `${said}, ${ENDS[at]}` : said));
    for (const typed of row.querySelectorAll(".widget-readout")) {
      typed.setAttribute("role", "textbox");
      named(typed, `${said}, ${ENDS.join(" to ")}`);
    }
  };
  const seen = (row, handle) => {
    const box = row.querySelector(".aiecon-box input");
    if (!box) return words(row, ".widget-readout").split(" – ")[[...row.querySelectorAll(".noUi-handle")].indexOf(handle)];
    const place = Number(handle.dataset.place);
    return Math.abs(place - box.value) < NEAR * box.step ? box.value : String(Number(place.toPrecision(DIGITS)));
  };
  const say = (handle) => {
    const row = handle.closest(".aiecon-control");
    const now = handle.getAttribute("aria-valuetext");
    if (now !== handle.dataset.said) handle.dataset.place = now;
    handle.dataset.said = [seen(row, handle), words(row, ".aiecon-unit")].filter(Boolean).join(" ");
    if (now !== handle.dataset.said) handle.setAttribute("aria-valuetext", handle.dataset.said);
  };
  const all = () => {
    document.querySelectorAll(".aiecon-control:has(.aiecon-unit):has(.noUi-handle:not([aria-label]))").forEach(name);
    document.querySelectorAll(".aiecon-control .noUi-handle[aria-valuetext]").forEach(say);
    document.querySelectorAll(".aiecon-figures:not([aria-live])").forEach((one) => {
      one.setAttribute("aria-live", "polite");
      one.setAttribute("role", "region");
      one.tabIndex = 0;
      named(one, "Figures");
    });
  };
  const settled = ({ target }) => {
    const panel = target.closest(".aiecon-control")?.closest(".aiecon-panel");
    panel?.querySelectorAll(".aiecon-told [role=alert]").forEach((one) => one.remove()); // a new one is told anew
  };
  if (!window.aieconNames) {
    const watched = { childList: true, subtree: true, attributeFilter: ["aria-valuetext"] };
    window.aieconNames = new MutationObserver(all);
    window.aieconNames.observe(document.body, watched);
    document.addEventListener("focusin", all);
    document.addEventListener("change", settled, true); // a box that was emptied tells no kernel
  }
  all();
})();
