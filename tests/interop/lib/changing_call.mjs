// A call between a page and rill that changes: rill is moved by lines of its standard input, the page by functions, and
// what is decoded at both ends is looked at. The sound (m-line 0) is what nobody touches, and what else is told.
import assert from 'node:assert/strict';
import { jsepPage } from './jsep_page.mjs';
import { call } from './rill.mjs';

const sleep = (ms) => new Promise((ok) => { setTimeout(ok, ms); });

// ms. A browser that shares two processors with others stands still for half a second by itself; what is broken, and then
// repaired, takes seconds.
const STILL = 800;

// Each call has a room of its own. The page has its microphone in it, and offers unless rill does.
export async function changingCall(t, { browser, server }, negotiation, { rillOffers = false, polite = true, config = {}, options = [], bundles = true } = {}) {
  const name = `page-${Math.random()}`;
  const page = await browser.newPage();
  t.after(() => page.close());
  const p = await jsepPage(page, server, name, polite, config, name, bundles);
  const room = { ...server, url: `${server.url}?room=${name}` };
  await p.do(async (offers) => {
    Object.assign(window.me, { iOffered: offers, restarts: true });
    window.me.pc.addTrack(await window.me.track('audio'));
  }, !rillOffers);
  const rill = call(t, room, 'rill', '--changes', '--as', rillOffers ? 'offerer' : 'answerer', '--negotiation', negotiation, ...options);
  const stats = () => rill.says('stats', (e) => e.event === 'stats');
  const decoded = async () => Object.fromEntries((await stats()).received.map((s) => [s.mid, s.decoded ?? 0]));
  const restsAt = async (look, mid) => {
    await sleep(300); // what is in the jitter buffer
    const first = (await look())[mid];
    await sleep(300);
    assert.equal((await look())[mid], first);
  };
  return {
    p, rill, stats,
    agrees: (change) => rill.says(change, (e) => e.event === 'negotiation' && e.value === 'agreed'),
    // Both ends decode something new of these m-lines.
    async flows(here, there = here) {
      const was = await decoded();
      await p.do((mids) => window.me.flows(mids), here);
      for (const end = Date.now() + 15000;;) {
        const now = await decoded();
        if (there.every((m) => now[m] > (was[m] ?? 0) + 3)) return;
        assert.ok(Date.now() < end, `nothing new of ${there} at rill: ${JSON.stringify([was, now])}`);
        await sleep(50);
      }
    },
    directions: () => p.do(() => Object.fromEntries(window.me.pc.getTransceivers().filter((x) => x.mid !== null).map((x) => [x.mid, x.currentDirection]))),
    // What comes of an m-line stands still.
    pageRests: (mid) => restsAt(() => p.do(() => window.me.decoded()), mid),
    rillRests: (mid) => restsAt(decoded, mid),
    // What is watched has never stood still for long at the page, nor has what is named at rill; and what was sent of
    // the sound has come.
    async ends(untouched = ['0']) {
      await p.do(() => window.me.unwatch());
      const gaps = await p.do(() => window.me.gaps);
      assert.ok('0' in gaps && Object.values(gaps).every((gap) => gap < STILL), `m-lines stood still at the page for ms: ${JSON.stringify(gaps)}`);
      assert.deepEqual((await p.do(() => window.me.said)).filter((s) => s.startsWith('error')), []);
      const sent = await p.do(async () => [...(await window.me.pc.getStats()).values()]
        .find((s) => s.type === 'outbound-rtp' && s.kind === 'audio').packetsSent);
      const ofSound = async () => (await stats()).received.find((s) => s.mid === '0');
      // What is on its way on a machine that has much to do comes in the end.
      for (const end = Date.now() + 5000; (await ofSound()).packets + (await ofSound()).lost < sent - 5 && Date.now() < end;) await sleep(50);
      await rill.stop();
      const { received } = await rill.summary();
      const sound = received.find((s) => s.mid === '0');
      for (const s of received.filter(({ mid }) => untouched.includes(mid))) assert.ok(s.longest_gap_us < STILL * 1000, JSON.stringify(s));
      assert.ok(sent - sound.packets < 10 + sent / 20, `${sent} packets sent: ${JSON.stringify(sound)}`);
      assert.ok(received.every((s) => !s.decode_errors), JSON.stringify(received));
      assert.deepEqual(rill.events.filter((e) => e.event === 'refused'), []);
    },
  };
}
