const players = [...document.querySelectorAll("video")];
for (const player of players) {
  player.addEventListener("play", () => {
    for (const other of players) if (other !== player) other.pause();
  });
}
const cards = [...document.querySelectorAll("article")];
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("video, a, summary")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step || !cards.length) return;
  const tops = cards.map((card) => card.getBoundingClientRect().top);
  const near = tops.reduce((best, top, index) => (Math.abs(top) < Math.abs(tops[best]) ? index : best), 0);
  const next = tops[near] > 40 && step > 0 ? near : Math.min(cards.length - 1, Math.max(0, near + step));
  cards[next].scrollIntoView({ block: "start" });
  cards[next].focus({ preventScroll: true });
});
