// Draws the API reference from the schema named by #redoc. The fonts are the reader's own.
// Redoc adds <style> elements: they carry this script's nonce.
const target = document.getElementById("redoc");
const fontFamily = "system-ui, sans-serif";

window.Redoc.init(
  target.dataset.schema,
  {
    nonce: document.currentScript.nonce,
    disableSearch: true, // its index runs in a blob: worker, which the content policy refuses
    theme: {
      typography: {
        fontFamily,
        headings: { fontFamily },
        code: { fontFamily: "ui-monospace, monospace" },
      },
    },
  },
  target,
);
