/* Every head at every position: a row asks, a column is asked. Shades by score where there are few positions. */
const MOST_SHADED = 48, MOST_DRAWN = 700;
class Pictures {
  constructor(go, choose) { Object.assign(this, { go, choose, bases: new Map(), run: null }); }
  reset(run) {
    this.run = run;
    this.bases.clear();
    const count = run.tokens.length, heads = run.model.heads;
    this.size = Math.max(90, Math.min(heads.length > 3 ? 170 : 300, count * 12));
    $('picsbox').hidden = !heads.length || count > MOST_DRAWN;
    replace($('pics'), $('picsbox').hidden ? [] : heads.map(head => h('figure', { class: 'pic', 'data-head': head.id },
      h('figcaption', {}, h('button', { type: 'button', on: { click: () => this.choose(head.id) } }, head.name)),
      h('canvas', { role: 'img', 'aria-label': `${head.name}: which position each of ${count} positions picks`, on: { click: event => this.clicked(event, head) } }))));
  }
  clicked(event, head) {
    const box = event.currentTarget.getBoundingClientRect(), row = Math.floor((event.clientY - box.top) / box.height * this.run.tokens.length);
    this.choose(head.id, Math.max(0, Math.min(this.run.tokens.length - 1, row)));
  }
  base(head) {
    if (this.bases.has(head.id)) return this.bases.get(head.id);
    const { run, size } = this, count = run.tokens.length, cell = size / count, scale = window.devicePixelRatio || 1, canvas = document.createElement('canvas');
    canvas.width = canvas.height = Math.round(size * scale);
    const pen = canvas.getContext('2d'), blue = colour('--there'), grey = colour('--faint');
    pen.scale(scale, scale);
    pen.fillStyle = colour('--card');
    pen.fillRect(0, 0, size, size);
    for (let i = 0; i < count; i++) {
      const view = viewOf(run, i, head), mark = Math.max(1.4, cell);
      if (count <= MOST_SHADED) for (let j = 0; j <= i; j++) {
        if (view.excluded(j)) continue;
        pen.globalAlpha = 0.34 / (1 + Math.sqrt(Math.max(0, approximately(view.off(j)))));
        pen.fillStyle = blue;
        pen.fillRect(j * cell, i * cell, cell, cell);
      }
      pen.globalAlpha = 1;
      pen.fillStyle = view.hit || view.fixed ? blue : grey;
      for (const j of view.picks) pen.fillRect(j * cell, i * cell, mark, mark);
    }
    this.bases.set(head.id, canvas);
    return canvas;
  }
  draw(i, view) {
    if ($('picsbox').hidden) return;
    const { size, run } = this, cell = size / run.tokens.length, scale = window.devicePixelRatio || 1;
    for (const figure of $('pics').children) {
      const head = run.model.heads.find(other => other.id === figure.dataset.head), canvas = figure.querySelector('canvas');
      figure.classList.toggle('on', Boolean(view) && view.head.id === head.id);
      const base = this.base(head);
      if (canvas.width !== base.width) { canvas.width = canvas.height = base.width; canvas.style.width = canvas.style.height = `${size}px`; }
      const pen = canvas.getContext('2d');
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.drawImage(base, 0, 0);
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.strokeStyle = colour('--here');
      pen.lineWidth = 1.2;
      pen.strokeRect(0.6, i * cell, (i + 1) * cell, Math.max(2, cell));
    }
  }
}
