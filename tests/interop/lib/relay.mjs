// A relay between rill and a page that loses each nth media packet, or has little room, and the page that hears of it alone.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const isRtp = (d) => (d[0] & 0xc0) === 0x80 && !(d[1] >= 192 && d[1] <= 223);

// Between whoever sends to its port first and `target`, once that is known. Both ways together each `lost`th of
// the packets is lost. With `bps` set each way carries that, and what waits for its turn is not lost, but late.
export async function relay(t, lost = Infinity) {
  const [front, back] = [createSocket('udp4'), createSocket('udp4')];
  const x = { target: null, seen: 0, lost: 0, bps: Infinity };
  let peer;
  const free = new Map([[front, 0], [back, 0]]);
  const send = (socket, d, to) => {
    const now = performance.now(), at = Math.max(now, free.get(socket)) + d.length * 8000 / x.bps;
    free.set(socket, at);
    if (at === now) socket.send(d, to.port, to.address);
    else timers.add(setTimeout(() => socket.send(d, to.port, to.address), at - now));
  };
  const timers = new Set();
  t.after(() => timers.forEach(clearTimeout));
  const pass = (socket, d, to) => {
    // The first packets of a stream pass, so that both begin.
    if (isRtp(d) && ++x.seen > 100 && x.seen % lost === 0) return x.lost++;
    if (to) send(socket, d, to);
  };
  front.on('message', (d, from) => pass(back, d, ((peer = from), x.target)));
  back.on('message', (d) => pass(front, d, peer));
  for (const s of [front, back]) {
    s.bind(0, '127.0.0.1');
    await once(s, 'listening');
    t.after(() => s.close());
  }
  x.port = front.address().port;
  return x;
}

// Neither hears of the other's addresses: the page (jsep_page.mjs) of the relay's, rill of none. Before the first offer.
export function goThrough(p, between) {
  return p.do((port) => {
    const { me } = window, add = me.pc.addIceCandidate.bind(me.pc);
    me.rill = null;
    me.pc.onicecandidate = null;
    me.iOffered = true;
    me.change = (sdp) => sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, '');
    me.pc.addIceCandidate = async (c) => {
      const m = /^candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/i.exec(c.candidate);
      if (!m) return;
      me.rill = Number(m[1]);
      await add({ ...c, candidate: c.candidate.replace(` ${m[1]} typ`, ` ${port} typ`) });
    };
  }, between.port);
}

// Behind the first negotiation: where rill is.
export async function reach(p, between) {
  for (let i = 0; i < 100 && !between.target; i++) {
    const port = await p.do(() => window.me.rill);
    if (port) between.target = { address: '127.0.0.1', port };
    else await new Promise((ok) => setTimeout(ok, 50));
  }
}
