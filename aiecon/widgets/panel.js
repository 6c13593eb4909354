// What ipywidgets leaves out for a screen reader: names of handles and of figures to type, and that figures are live.
(() => {
  const ENDS = ["10th percentile", "90th percentile"];
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
  const all = () => {
    document.querySelectorAll(".aiecon-control:has(.aiecon-unit):has(.noUi-handle:not([aria-label]))").forEach(name);
    document.querySelectorAll(".aiecon-figures:not([aria-live])").forEach((one) => {
      one.setAttribute("aria-live", "polite");
      one.setAttribute("role", "region");
      one.tabIndex = 0;
      named(one, "Figures");
    });
  };
  if (!window.aieconNames) {
    window.aieconNames = new MutationObserver(all);
    window.aieconNames.observe(document.body, { childList: true, subtree: true });
  }
  all();
})();
