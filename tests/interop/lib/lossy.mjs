// A path that loses datagrams: each loopback address that is told becomes a relay's, behind which a socket stands for
// each sender. Seeded, so that a run can be had again.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

async function open(t) {
  const s = createSocket('udp4');
  s.bind(0, '127.0.0.1');
  await once(s, 'listening');
  t.after(() => s.close());
  return s;
}

// share: of those from RTP's range, 0 to 1. Gives what becomes of a candidate line (null: it is not told), and counts.
export function lossy(t, share, seed = 1) {
  const path = { passed: 0, lost: 0 };
  const relays = new Map();
  let state = seed >>> 0;
  const isLost = (bytes) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const lost = bytes[0] >= 128 && state / 2 ** 32 < share;
    path[lost ? 'lost' : 'passed']++;
    return lost;
  };
  const relay = async (port) => {
    const front = await open(t);
    const backs = new Map();
    front.on('message', async (bytes, from) => {
      if (!backs.has(from.port)) {
        backs.set(from.port, open(t).then((back) => {
          back.on('message', (b) => isLost(b) || front.send(b, from.port, '127.0.0.1'));
          return back;
        }));
      }
      const back = await backs.get(from.port);
      if (!isLost(bytes)) back.send(bytes, port, '127.0.0.1');
    });
    return front.address().port;
  };
  path.candidate = async (line) => {
    const words = line.split(' ');
    if (words[4] !== '127.0.0.1' || words[2].toLowerCase() !== 'udp') return null;
    if (!relays.has(words[5])) relays.set(words[5], relay(Number(words[5])));
    words[5] = await relays.get(words[5]);
    return words.join(' ');
  };
  return path;
}
