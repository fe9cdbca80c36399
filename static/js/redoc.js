// Draws the API reference from the schema named by #redoc. The fonts are the reader's own.
// Redoc adds <style> elements: they carry this script's nonce.
const target = document.getElementById("redoc");
const fontFamily = "system-ui, sans-serif";

// Redoc signs its menu with a picture from its maker's server, has no option against it, and leaves
// the picture out where it can't be loaded. So no picture is asked for outside; the words stay.
const picture = HTMLImageElement.prototype;
const { get, set } = Object.getOwnPropertyDescriptor(picture, "src");
const own = (address) =>
  new URL(address, location.href).origin === location.origin ? address : "data:,";
Object.defineProperty(picture, "src", {
  get,
  set(address) {
    set.call(this, own(address));
  },
});
picture.setAttribute = function (name, value) {
  Element.prototype.setAttribute.call(this, name, name === "src" ? own(value) : value);
};

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
