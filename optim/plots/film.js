// Plays every film on the page that no script has taken up yet: a step a frame.
for (const film of document.querySelectorAll(".film:not([data-ready])")) {
  film.dataset.ready = "";
  const [last, every, fps, hold] = ["last", "every", "fps", "hold"].map(
    name => Number(film.dataset[name]));
  const frames = Math.ceil(last / every);
  const lines = [...film.querySelectorAll("polyline")].map(line => {
    const dot = film.querySelector(`[data-of="${line.id}"]`);
    const points = line.getAttribute("points").split(" ");
    return {line, dot, points, spots: dot.dataset.points?.split(" ") ?? points};
  });
  const slider = film.querySelector("input"), step = film.querySelector("output");
  const play = film.querySelector(".film-play");
  let frame = frames, playing = false, due = 0;

  function show(n) {
    frame = Math.max(0, Math.min(frames, n));
    const now = Math.min(frame * every, last);
    for (const {line, dot, points, spots} of lines) {
      line.setAttribute("points", points.slice(0, now + 1).join(" "));
      const there = now < spots.length && spots[now] !== "-";
      dot.style.display = there ? "" : "none";
      if (there) dot.setAttribute("transform", `translate(${spots[now]})`);
    }
    slider.value = frame;
    step.textContent = `step ${now}`;
  }
  function tick(time) {
    if (!playing) return;
    if (time >= due) {
      const next = frame < frames ? frame + 1 : 0;
      show(next);
      // Late frames are not made up for: every step is seen.
      due = Math.max(due, time - 1000 / fps) + 1000 / fps + (next === frames ? 1000 * hold : 0);
    }
    requestAnimationFrame(tick);
  }
  function run(yes) {
    playing = yes;
    play.textContent = yes ? "Pause" : "Play";
    due = 0;
    if (yes) requestAnimationFrame(tick);
  }
  play.onclick = () => run(!playing);
  film.querySelector(".film-back").onclick = () => { run(false); show(frame - 1); };
  film.querySelector(".film-on").onclick = () => { run(false); show(frame + 1); };
  slider.oninput = () => { run(false); show(Number(slider.value)); };
  addEventListener("beforeprint", () => { run(false); show(frames); });
  film.querySelector(".film-controls").hidden = false;
  const moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  show(moving ? 0 : frames);
  run(moving);
}
