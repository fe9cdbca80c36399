// Show every <time data-local> in the reader's own time zone; without script it stays in UTC.
const dateAndTime = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: "full",
  timeStyle: "short",
});
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function localiseTimes(root = document) {
  for (const element of root.querySelectorAll("time[data-local]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const words = dateAndTime.format(at);
    element.textContent = element.dataset.local === "zone" ? `${words} (${zone})` : words;
    element.title = zone;
  }
}

localiseTimes();
document.addEventListener("htmx:load", (event) => localiseTimes(event.target));
