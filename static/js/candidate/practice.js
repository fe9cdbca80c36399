// The practice question: the same stage as the real ones, and nothing of it leaves the page.

import { text } from "./page.js";
import { Stage } from "./stage.js";

const root = document.querySelector("[data-practice]");
const keeper = {
  takesLeft: Infinity,
  async start() {},
  async keep() {},
  async lost() {},
  send(stage) {
    stage.enter("practised", text("practised"));
  },
};

new Stage(root, keeper, {
  mode: root.dataset.mode,
  thinkS: Number(root.dataset.thinkS),
  limitS: Number(root.dataset.limitS),
});
