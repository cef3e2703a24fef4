// Names of STUN, TURN and signaling servers, asked of a real DNS server in a network of the test's own:
// SRV, answers too large for UDP, servers that say nothing, and no DNS server at all.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lab, impossible } from './lib/netns.mjs';
import { Process, rill, tempDir } from './lib/rill.mjs';

const skip = impossible('dnsmasq', 'turnserver', 'mount');
const mute = '10.0.0.9'; // takes questions and never answers
const dns = '10.0.0.2';

function inside(t, host, command, ...args) {
  const [first, ...rest] = [...host.inside, command, ...args];
  const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.said = '';
  for (const out of [child.stdout, child.stderr]) out.on('data', (bytes) => (child.said += bytes));
  t.after(() => child.kill('SIGKILL'));
  return child;
}

// A network of two: rill at one end, and at the other DNS, STUN, TURN and signaling.
async function network(t) {
  const lab = await Lab.make(t, 'here', 'there');
  const dir = tempDir(t);
  lab.cable(lab.here, 'eth0', '10.0.0.1/16', lab.there, 'eth0', `${dns}/16`);
  for (const [host, address] of [[lab.here, 'fd00::1'], [lab.there, 'fd00::2']]) {
    host.sysctl('net.ipv6.conf.eth0.disable_ipv6', 0);
    host.ip(`addr add ${address}/64 dev eth0 nodad`);
  }
  const many = Array.from({ length: 60 }, (_, i) => `10.0.1.${i + 1}`);
  lab.there.ip(`addr add ${mute}/16 dev eth0`, ...many.map((a) => `addr add ${a}/16 dev eth0`));
  const p = new Process(t, [...lab.there.inside.slice(1), rill, 'serve', '--json', '--listen', '0.0.0.0:0', '--stun-port', '0', '--tls', 'off'], lab.there.inside[0]);
  const stun = (await p.event((e) => e.event === 'stun')).port;
  const signaling = new URL((await p.event((e) => e.event === 'listening')).url).port;
  const turn = 3479;
  const server = inside(t, lab.there, 'dnsmasq', '-k', '-C', '/dev/null', '-R', '-h', '-u', 'root', '--pid-file=', '--log-facility=-', '-q',
    '--bind-interfaces', `--listen-address=${dns}`, '--local=/example.org/', `--host-record=there.example.org,${dns}`,
    ...many.map((a) => `--host-record=many.example.org,${a}`),
    `--host-record=example.org,${mute}`, '--host-record=dead.example.org,10.0.0.66',
    `--srv-host=_stun._udp.example.org,there.example.org,${stun},10,0`,
    `--srv-host=_turn._udp.example.org,dead.example.org,${turn},10,0`, `--srv-host=_turn._udp.example.org,there.example.org,${turn},20,0`,
    `--srv-host=_turn._tcp.example.org,there.example.org,${turn},0,0`, '--srv-host=_stun._udp.none.example.org',
    '--cname=alias.example.org,there.example.org');
  const silent = inside(t, lab.there, process.execPath, '-e', `require('node:dgram').createSocket('udp4').bind(53, '${mute}', () => console.log('started'))`);
  const relay = inside(t, lab.there, 'turnserver', '-n', '-L', dns, '-L', 'fd00::2', '-E', dns, '-E', 'fd00::2', '-p', String(turn), '--lt-cred-mech', '--realm', 'x', '--user', 'a:b',
    '--no-tls', '--no-dtls', '--no-cli', '--log-file', 'stdout', '--pidfile', join(dir, 'pid'), '--userdb', join(dir, 'db'));
  const net = { ...lab, lab, stun, turn, signaling, dns: server };
  // rill, in the host, with these DNS servers and these alone.
  net.rill = (host, nameservers, ...args) => {
    const file = join(tempDir(t), 'resolv.conf');
    writeFileSync(file, nameservers.map((n) => `nameserver ${n}\n`).join(''));
    const [first, ...rest] = [...host.inside, 'unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', file, rill, ...args];
    return new Process(t, rest, first);
  };
  const ready = () => /started/.test(server.said) && /started/.test(silent.said) && /relay fd00::2 initialization done/.test(relay.said);
  for (let i = 0; i < 500 && !ready(); i++) await sleep(20);
  assert.ok(ready(), server.said + silent.said + relay.said);
  return net;
}

test('names of servers', { skip, concurrency: true }, async (t) => {
  const net = await network(t);
  const { here, there } = net.lab;
  const stun = async (host, nameservers, name, ...more) => {
    const p = net.rill(host, nameservers, 'stun', '--json', '--timeout', '6', ...more, name);
    await p.ended;
    return { ...(p.events[0] ?? {}), code: p.code, err: p.err };
  };
  const gather = async (...args) => {
    const p = net.rill(here, ...args);
    assert.equal(await p.ended, 0, p.err);
    const found = (type) => p.events.find((e) => e.event === 'candidate' && e.type === type);
    const failure = (server) => p.events.find((e) => e.event === 'server' && e.server.startsWith(server));
    return { found, failure, done: p.events.at(-1), events: p.events };
  };

  await Promise.all([
    t.test('SRV says where the STUN server of a domain is, unless the URI has a port', async () => {
      const r = await stun(here, [dns], 'stun:example.org');
      assert.equal(r.code, 0, r.err);
      assert.equal(r.server, `${dns}:${net.stun}`);
      assert.equal(r.mapped.split(':')[0], '10.0.0.1');
      const plain = await stun(here, [dns], `stun:there.example.org:${net.stun}`);
      assert.equal(plain.server, `${dns}:${net.stun}`);
      const alias = await stun(here, [dns], `alias.example.org:${net.stun}`);
      assert.equal(alias.server, `${dns}:${net.stun}`);
    }),
    t.test('SRV with the target "." says that there is no such service', async () => {
      const r = await gather([dns], 'gather', '--json', '--stun', 'stun:none.example.org');
      assert.match(r.failure('none.example.org').failure, /not offered/);
    }),
    t.test('an answer too large for UDP is asked for over TCP', async () => {
      const r = await stun(here, [dns], `stun:many.example.org:${net.stun}`, '--timeout', '1');
      assert.match(r.server ?? r.err, /^10\.0\.1\./);
      // a connection to port 53 is in TIME-WAIT at the end that closed it
      assert.match(here.run(['cat', '/proc/net/tcp']) + there.run(['cat', '/proc/net/tcp']), /:0035 06 /);
    }),
    t.test('SRV of a TURN server: the second when the first is dead, over UDP and over TCP', async () => {
      const [udp, tcp] = await Promise.all(['', '?transport=tcp'].map((transport) =>
        gather([dns], 'gather', '--json', '--turn', `turn:a:b@example.org${transport}`)));
      for (const r of [udp, tcp]) assert.equal(r.found('relay')?.address, dns, JSON.stringify(r.events));
      assert.ok(udp.failure('10.0.0.66'));
      assert.equal(tcp.failure('10.0.0.66'), undefined);
    }),
    t.test('a DNS server that says nothing holds up neither host candidates nor other servers, and the name is told at the end', async () => {
      const r = await gather([mute], 'gather', '--json', '--stun', 'stun:example.org', '--turn', `turn:a:b@${dns}:${net.turn}`);
      assert.ok(r.found('host').time_us < 5e5, JSON.stringify(r.events));
      assert.ok(r.found('relay').time_us < 1.5e6, JSON.stringify(r.events));
      assert.match(r.failure('example.org').failure, /Timeout|timed out/i);
      assert.equal(r.done.event, 'done');
    }),
    t.test('a server whose name resolves late joins gathering late', async () => {
      const r = await gather([mute, dns], 'gather', '--json', '--turn', `turn:a:b@there.example.org:${net.turn}`);
      assert.ok(r.found('host').time_us < 5e5);
      assert.ok(r.found('relay').time_us > 1e6, JSON.stringify(r.events));
    }),
    t.test('localhost needs no DNS server; a name that nobody has is refused', async () => {
      const r = await stun(there, [], `localhost:${net.stun}`);
      assert.equal(r.code, 0, r.err);
      assert.equal(r.server, `127.0.0.1:${net.stun}`);
      const nobody = await stun(here, [dns], 'stun:nobody.example.org');
      assert.equal(nobody.code, 1);
      assert.match(nobody.err, /REACTOR_RESOLVE/);
    }),
    // coturn knows ADDITIONAL-ADDRESS-FAMILY by the number of a draft alone and passes RFC 8656's over.
    t.test('relayed addresses of IPv4 and of IPv6; both asked of a server that gives one', async () => {
      const turn = ['gather', '--json', '--ice-policy', 'relay', '--turn', `turn:a:b@there.example.org:${net.turn}`, '--turn-family'];
      const [ip4, ip6, both] = await Promise.all(['ip4', 'ip6', 'both'].map((family) => gather([dns], ...turn, family)));
      const list = (r) => r.events.filter((e) => e.event === 'candidate').map((e) => e.address).sort();
      assert.deepEqual([list(ip4), list(ip6), list(both)], [[dns], ['fd00::2'], [dns]]);
    }),
    t.test('a call by names: signaling, STUN and TURN', async () => {
      const options = ['call', '--json', '--timeout', '20', '-t', '1', '--stun', 'stun:example.org', '--turn', `turn:a:b@there.example.org:${net.turn}`,
        `http://there.example.org:${net.signaling}/`];
      const a = net.rill(here, [dns], ...options);
      await a.step(9);
      const b = net.rill(here, [dns], ...options);
      for (const s of await Promise.all([a.summary(), b.summary()])) assert.ok(s.ok, s.failure);
      const lost = net.rill(here, [dns], 'call', '--json', `http://nobody.example.org:${net.signaling}/`);
      const s = await lost.summary();
      assert.match(s.failure, /nobody\.example\.org has no address: /);
    }),
  ]);
});
