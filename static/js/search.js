// Search all answers: marks the words of each match and goes from one to the next.

export class Search {
  constructor(input, output, root) {
    this.input = input;
    this.output = output;
    this.texts = [...root.querySelectorAll("[data-readable]")].map(readable);
    this.matches = [];
    this.at = -1;
    input.addEventListener("input", () => this.find());
    input.addEventListener("keydown", (event) => this.pressed(event));
  }

  pressed(event) {
    if (event.key !== "Enter" || this.matches.length === 0) return;
    event.preventDefault();
    this.go(this.at + (event.shiftKey ? -1 : 1));
  }

  find() {
    for (const word of this.matches.flat()) word.classList.remove("is-match", "is-match-now");
    const query = plain(this.input.value).trim();
    this.matches = query ? this.texts.flatMap((text) => matchesIn(text, query)) : [];
    for (const word of this.matches.flat()) word.classList.add("is-match");
    this.at = -1;
    if (this.matches.length > 0) this.go(0);
    else this.output.textContent = query ? this.output.dataset.none : "";
  }

  go(index) {
    const total = this.matches.length;
    for (const word of this.matches[this.at] ?? []) word.classList.remove("is-match-now");
    this.at = (index + total) % total;
    for (const word of this.matches[this.at]) word.classList.add("is-match-now");
    this.matches[this.at][0].scrollIntoView({ block: "center" });
    this.output.textContent = this.output.dataset.of
      .replace("{n}", this.at + 1)
      .replace("{total}", total);
  }
}

// Compare as people do: without case, accents and runs of white space.
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/gu, " ");
}

function readable(root) {
  let text = "";
  const words = [...root.querySelectorAll(".w")].map((element) => {
    if (text && !text.endsWith(" ")) text += " ";
    const start = text.length;
    text += plain(element.textContent).trim();
    return { element, start, end: text.length };
  });
  return { text, words };
}

function matchesIn({ text, words }, query) {
  const found = [];
  for (let at = text.indexOf(query); at >= 0; at = text.indexOf(query, at + query.length)) {
    const end = at + query.length;
    found.push(words.filter((w) => w.start < end && w.end > at).map((w) => w.element));
  }
  return found.filter((elements) => elements.length > 0);
}
