// Addresses behind names of multicast DNS: Chromium as it comes, without any permission, and rill with
// --mdns, on a network of the test's own; and which addresses each way of RFC 8828 tells.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { firefoxThere } from './lib/firefox_there.mjs';
import { jsepPage } from './lib/jsep_page.mjs';
import { Lab, impossible } from './lib/netns.mjs';
import { Process, rill, tempDir } from './lib/rill.mjs';

const skip = impossible();
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.local$/;

// Hosts on one wire, and a server on it.
async function network(t, ...hosts) {
  const lab = await Lab.make(t, 'wire', ...hosts);
  lab.bridge(lab.wire, 'br0', '10.0.0.254/24');
  hosts.forEach((name, i) => {
    const host = lab[name];
    host.sysctl('net.ipv6.conf.all.disable_ipv6', 0);
    lab.plug(host, 'eth0', `10.0.0.${i + 1}/24`, lab.wire, 'br0', name);
    host.ip(`addr add fd00::${i + 1}/64 dev eth0 nodad`, 'route add default via 10.0.0.254');
  });
  const p = new Process(t, ['serve', '--json', '--listen', '10.0.0.254:0', '--stun-port', '0', '--tls', 'off'], rill, lab.wire.inside);
  const { url } = await p.event((e) => e.event === 'listening');
  const stun = await p.event((e) => e.event === 'stun');
  const server = { url, stun: `stun:${stun.address}:${stun.port}` };
  const call = (host, name, ...options) => new Process(t, ['call', '--json', '--timeout', '30', '-v', '--name', name, ...options, url], rill, host.inside);
  const gather = async (host, ...options) => {
    const g = new Process(t, ['gather', '--json', '--ice-tcp', 'off', ...options], rill, host.inside);
    assert.equal(typeof (await g.ended), 'number', g.err);
    return g.events.filter((e) => e.event === 'candidate');
  };
  return { lab, server, call, gather };
}

// With no permission granted: host candidates are names then.
async function launchChromium(t, host) {
  const dir = mkdtempSync(join(tmpdir(), 'rill-test-'));
  const script = join(dir, 'chromium');
  writeFileSync(script, `#!/bin/sh\nexec ${host.inside.join(' ')} ${process.env.CHROMIUM ?? '/usr/bin/chromium'} "$@"\n`, { mode: 0o755 });
  const context = await chromium.launchPersistentContext(join(dir, 'profile'), {
    executablePath: script, headless: true, chromiumSandbox: false,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
  });
  t.after(async () => {
    await context.close();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }); // it may still be writing
  });
  return context;
}

// A picture that changes, without a camera: no permission is needed for it.
const draw = () => {
  const canvas = document.createElement('canvas');
  const g = canvas.getContext('2d');
  let n = 0;
  setInterval(() => { g.fillStyle = `hsl(${(n += 7) % 360} 80% 50%)`; g.fillRect(0, 0, 300, 150); }, 50);
  document.body.append(canvas);
  window.me.pc.addTrack(canvas.captureStream(20).getVideoTracks()[0]);
};

const told = (sdp) => [...sdp.matchAll(/^a=candidate:\S+ \d udp \d+ (\S+) \d+ typ (\S+)/gim)].map(([, address, type]) => ({ address, type }));
const decoded = (s) => {
  assert.ok(s.ok, s.failure);
  const video = s.received.find((r) => r.kind === 'video');
  assert.ok(video.decoded > 0, JSON.stringify(video));
};

// A call with the browser as it comes, in each direction.
async function callWith(t, launch) {
  const { lab, server, call } = await network(t, 'browser', 'here');
  const browser = await launch(t, lab.browser);
  for (const side of ['offerer', 'answerer']) {
    const page = await browser.newPage();
    const p = await jsepPage(page, server, `page-${side}`);
    await p.do((offers) => Object.assign(window.me, { restarts: true, iOffered: offers }), side === 'answerer'); // each candidate is told
    await p.do(draw);
    if (side === 'answerer') await p.do(() => window.me.offer());
    const c = call(lab.here, 'rill', '--mdns', '-i', 'testsrc', '--as', side);
    await c.step(23);
    const sdp = await p.do(() => [window.me.pc.localDescription.sdp, window.me.pc.remoteDescription.sdp]);
    const mids = await p.do(() => window.me.pc.getTransceivers().filter((t) => t.receiver.track.kind === 'video').map((t) => t.mid));
    await p.do((m) => window.me.flows(m), mids);
    const theirs = told(sdp[0]).filter((x) => x.type === 'host');
    assert.ok(theirs.length > 0 && theirs.every((x) => uuid.test(x.address)), JSON.stringify(theirs));
    for (const x of told(sdp[1])) assert.match(x.address, uuid);
    // both asked, and both were answered, which RFC 6762 §6 lets each do but once in a second
    const answered = () => / mdns resolved .*addresses=1/.test(c.err) && / mdns told .*ttl=(120|10) /.test(c.err);
    for (const end = Date.now() + 8000; !answered() && Date.now() < end;) await sleep(50);
    assert.ok(answered(), c.err.split('\n').filter((l) => l.includes(' mdns ')).join('\n'));
    await c.stop();
    const s = await c.summary();
    decoded(s);
    assert.match(s.local_candidate, /\.local \d+ typ host/);
    await page.close();
  }
}

test('addresses behind names', { skip, concurrency: true }, (outer) => Promise.all([
  outer.test('Chromium hides its address behind a name, which rill asks for; and Chromium asks for those of rill', (t) => callWith(t, launchChromium)),

  outer.test('and so does Firefox', (t) => callWith(t, (u, host) => firefoxThere(u, host, tempDir(u)))),

  outer.test('rill with rill, both behind names, over IPv4 and IPv6', async (t) => {
    const { lab, server, call } = await network(t, 'here', 'there');
    const a = call(lab.here, 'first', '--mdns', '--stun', server.stun, '-t', '1');
    await a.step(9);
    const b = call(lab.there, 'second', '--mdns', '--stun', server.stun, '-t', '1');
    for (const s of await Promise.all([a.summary(), b.summary()])) decoded(s);
    for (const c of [a, b]) {
      assert.match(c.err, / mdns resolved .*addresses=1/);
      assert.match(c.err, / ice name_resolved .*address=\[?fd00::/);
      assert.match(c.err, / ice name_resolved .*address=10\.0\.0\./);
      // the addresses themselves are in no candidate: what STUN shows is the host's, with no address behind it
      assert.match(c.err, / mdns told .*ttl=0/, 'goodbye');
    }
  }),

  outer.test('an address that comes has a name from then on, and one that goes takes it along', async (t) => {
    const { lab, call } = await network(t, 'here');
    const c = call(lab.here, 'alone', '--mdns', '--as', 'offerer');
    await c.step(8);
    const said = async (what) => {
      for (const end = Date.now() + 20000; !what.test(c.err); await sleep(50)) assert.ok(Date.now() < end, `${what}\n${c.err}`);
    };
    lab.here.ip('addr add 10.0.0.77/24 dev eth0');
    await said(/ mdns registered name=\S+ address=10\.0\.0\.77:/);
    await said(/ mdns told address=10\.0\.0\.77:\d+ to=224\.0\.0\.251:5353 ttl=120 /);
    lab.here.ip('addr del 10.0.0.77/24 dev eth0');
    await said(/ mdns told address=10\.0\.0\.77:\d+ to=224\.0\.0\.251:5353 ttl=0 /);
  }),

  outer.test('what each way of RFC 8828 tells', async (t) => {
    const { lab, server, gather } = await network(t, 'here');
    lab.cable(lab.here, 'eth1', '10.9.9.9/24', lab.wire, 'other', '10.9.9.254/24');
    const list = (c) => c.map((x) => `${x.type} ${x.address}`).sort();
    const [all, local, route, named] = await Promise.all([[], ['--ip-handling', 'default-and-local'], ['--ip-handling', 'default'], ['--mdns']]
      .map((options) => gather(lab.here, '--stun', server.stun, ...options)));
    assert.deepEqual(list(all), ['host 10.0.0.1', 'host 10.9.9.9', 'host fd00::1']);
    assert.deepEqual(list(local), ['host 10.0.0.1']);
    assert.deepEqual(list(route), ['srflx 10.0.0.1']);
    assert.deepEqual([route[0].related_address, route[0].related_port], ['0.0.0.0', 9]);
    const hosts = named.filter((c) => c.type === 'host');
    assert.equal(hosts.length, 3);
    assert.ok(hosts.every((c) => uuid.test(c.address)), JSON.stringify(hosts));
    assert.equal(new Set(hosts.map((c) => c.address)).size, 3);
    const reflexive = named.filter((c) => c.type === 'srflx');
    assert.deepEqual(list(reflexive), ['srflx 10.0.0.1', 'srflx 10.9.9.9']);
    assert.deepEqual([reflexive[0].related_address, reflexive[0].related_port], ['0.0.0.0', 9]);
  }),
]));
