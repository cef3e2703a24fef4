// A wire to a server that a test can cut: what was connected through it breaks without a goodbye.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Wire {
  // url: where it leads; it may lead elsewhere later.
  static async to(t, url) {
    const w = new Wire();
    w.target = new URL(url);
    w.pairs = new Set();
    w.server = createServer((near) => w.join(near)).listen(0, '127.0.0.1');
    await once(w.server, 'listening');
    w.url = `http://127.0.0.1:${w.server.address().port}/`;
    t.after(() => {
      w.server.close();
      w.cut();
    });
    return w;
  }

  join(near) {
    const far = connect(Number(this.target.port), this.target.hostname);
    const pair = [near, far];
    this.pairs.add(pair);
    for (const [from, to] of [pair, [far, near]]) {
      from.on('data', (b) => to.write(b));
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        this.pairs.delete(pair);
      });
    }
  }

  cut() {
    for (const pair of this.pairs) pair.forEach((s) => s.destroy());
  }
}
