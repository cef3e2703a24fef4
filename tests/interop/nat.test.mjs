// Every pairing of networks that RFC 4787 tells apart, made of namespaces, with a real coturn between.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { coturnAt, credentials } from './lib/coturn.mjs';
import { direct, internet, kinds, site, types } from './lib/nats.mjs';
import { Lab, impossible } from './lib/netns.mjs';
import { Process, rill } from './lib/rill.mjs';

const MIDDLE = '203.0.113.1';
const AT_ONCE = Number(process.env.NAT_JOBS ?? 6);
const names = process.env.NAT_KINDS?.split(',') ?? Object.keys(kinds);
const cells = names.flatMap((a) => names.map((b) => [a, b]));

// Two hosts of each kind, a coturn and a signaling server that all can reach.
async function world(t, kindNames = names) {
  const lab = await Lab.make(t, 'net');
  await internet(lab, lab.net, MIDDLE);
  await coturnAt(t, { address: MIDDLE, inside: lab.net.inside });
  const server = new Process(t, ['serve', '--json', '--listen', `${MIDDLE}:80`, '--stun-port', 'off', '--tls', 'off'], rill, lab.net.inside);
  await server.event((e) => e.event === 'listening');
  const sites = {};
  let address = 10;
  for (const kind of kindNames) {
    const first = await site(lab, lab.net, `${kind}-1`, kind, `203.0.113.${address++}`);
    const second = await site(lab, lab.net, `${kind}-2`, kind, `203.0.113.${address++}`, kinds[kind].shared && first);
    sites[kind] = [first.host, second.host];
  }
  return sites;
}

const both = ['udp', 'tcp'].map((transport) => `turn:${credentials}@${MIDDLE}?transport=${transport}`);

function caller(t, host, role, room, turn = both, ...options) {
  return new Process(t, ['call', '--json', '--as', role, '--name', role, '--timeout', '30',
    '-s', '160x120', '-r', '15', '-i', 'testsrc', '-i', 'sine', '--stun', `stun:${MIDDLE}`,
    ...turn.flatMap((url) => ['--turn', url]), ...options, `http://${MIDDLE}/?room=${room}`], rill, host.inside);
}

const type = (candidate) => / typ (\w+)/.exec(candidate ?? '')?.[1] ?? '?';

function judge(mine, other, s) {
  assert.ok(s.ok, s.failure);
  const video = s.received.find((r) => r.kind === 'video');
  const audio = s.received.find((r) => r.kind === 'audio');
  assert.ok(video?.decoded > 0 && audio?.samples > 0, `${video?.decoded} pictures and ${audio?.samples} samples decoded over ${s.local_candidate}, ${s.remote_candidate}`);
  const [near, far] = [type(s.local_candidate), type(s.remote_candidate)];
  if (direct(mine, other)) {
    assert.ok(types(mine, other).near.includes(near) && types(other, mine).far.includes(far), `${near}/${far} in place of a direct pair`);
  } else {
    assert.ok(near === 'relay' || far === 'relay', `${near}/${far} in place of a relayed pair`);
    if (kinds[mine].udp === false) assert.equal(near, 'relay');
    if (kinds[other].udp === false) assert.match(far, /relay|prflx/);
  }
}

// Both have media from each other; then one hangs up, a moment later.
async function held(a, b, ms) {
  await Promise.all([a.step(23), b.step(23)]);
  await sleep(ms);
  a.child.kill('SIGINT');
  return Promise.all([a.summary(), b.summary()]);
}

async function cell(t, sites, a, b, attempt) {
  const room = `${a}-${b}-${attempt}`;
  const offerer = caller(t, sites[a][0], 'offerer', room);
  await offerer.step(8);
  const answerer = caller(t, sites[b][1], 'answerer', room);
  // A relayed pair may be first here, and the direct one takes its place when a check is repeated.
  const late = direct(a, b) && [a, b].some((k) => kinds[k].maps === 'each');
  const [x, y] = await held(offerer, answerer, late ? 2500 : 300);
  const seen = { pair: `${type(x.local_candidate)}/${type(x.remote_candidate)}`, ms: Math.round(y.connected_us / 1000) };
  try {
    judge(a, b, x);
    judge(b, a, y);
  } catch (e) {
    return { ...seen, failure: `${a} calls ${b}: ${e.message}` };
  }
  return seen;
}

const filters = { all: 'endpoint-independent', address: 'address-dependent', port: 'address and port-dependent' };
function legend(kind) {
  const k = kinds[kind];
  const maps = k.maps === 'each' ? 'address and port-dependent' : 'endpoint-independent';
  const what = k.says ?? `${maps} mapping, ${filters[k.filters]} filtering`;
  return `${kind.padEnd(10)} ${what}${k.also ? `; ${k.also}` : ''}`;
}

function table(seen) {
  const width = 23;
  const lines = [['', ...names].map((s) => s.padEnd(width)).join('').trimEnd()];
  for (const a of names) {
    const row = names.map((b) => {
      const s = seen[`${a}-${b}`];
      return `${s.failure ? 'FAILED ' : ''}${direct(a, b) ? 'direct' : 'relay'} ${s.pair ?? '?'} ${s.ms ?? ''}`;
    });
    lines.push([a, ...row].map((s) => s.padEnd(width)).join('').trimEnd());
  }
  const failed = Object.values(seen).filter((s) => s.failure);
  const relayed = cells.filter(([a, b]) => !direct(a, b)).length;
  const ms = Object.values(seen).map((s) => s.ms).sort((p, q) => p - q);
  lines.push('', 'each cell: what must be, the pair as the caller (row) sees it (local/remote), ms until the callee was connected',
    ...names.map(legend), `${cells.length - relayed} pairings must be direct, ${relayed} relayed; median ${ms[ms.length >> 1]} ms`,
    ...failed.map((s) => s.failure), `${cells.length - failed.length} of ${cells.length} cells passed`);
  return lines.join('\n');
}

test('every pairing of NATs connects as RFC 4787 lets it', { skip: impossible('nft', 'turnserver') }, async (t) => {
  const sites = await world(t);
  const seen = {};
  const go = (todo, atOnce, attempt) => Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next; (next = todo.shift()); ) {
      const [a, b] = next;
      seen[`${a}-${b}`] = await cell(t, sites, a, b, attempt).catch((e) => ({ failure: `${a} calls ${b}: ${e.message}` }));
    }
  }));
  await go([...cells], AT_ONCE, 1);
  // What a busy machine spoiled is tried once more, one after the other.
  const again = cells.filter(([a, b]) => seen[`${a}-${b}`].failure);
  if (again.length <= 4) await go(again, 1, 2);
  const text = table(seen);
  if (process.env.NAT_TABLE) writeFileSync(process.env.NAT_TABLE, `${text}\n`);
  assert.deepEqual(Object.values(seen).filter((s) => s.failure).map((s) => s.failure), [], text);
});

// What passes between a host and the network, counted by the kernel, beside what is to and from the servers.
const counters = `table ip seen {
  counter relayed {}; counter signaled {}; counter outside {}
  chain both {
    ip saddr ${MIDDLE} udp sport 3478 counter name relayed return
    ip daddr ${MIDDLE} udp dport 3478 counter name relayed return
    ip saddr ${MIDDLE} tcp sport 3478 counter name relayed return
    ip daddr ${MIDDLE} tcp dport 3478 counter name relayed return
    ip saddr ${MIDDLE} tcp sport 80 counter name signaled return
    ip daddr ${MIDDLE} tcp dport 80 counter name signaled return
    ip daddr ${MIDDLE} icmp type destination-unreachable return comment "to the server, when a socket was closed"
    counter name outside
  }
  chain in { type filter hook input priority 0; iifname "eth0" jump both; }
  chain out { type filter hook output priority 0; oifname "eth0" jump both; }
}\n`;

function counted(host) {
  const { nftables } = JSON.parse(host.run(['nft', '-j', 'list', 'counters']));
  return Object.fromEntries(nftables.filter((o) => o.counter).map(({ counter }) => [counter.name, counter.packets]));
}

test('relay-only, no packet passes outside the relay', { skip: impossible('nft', 'turnserver') }, async (t) => {
  const sites = await world(t, ['none']);
  const hosts = sites.none;
  for (const host of hosts) host.nft(counters);
  const [a, b] = [['offerer', 'udp'], ['answerer', 'tcp']].map(([role, transport], i) => () =>
    caller(t, hosts[i], role, 'relay-only', [`turn:${credentials}@${MIDDLE}?transport=${transport}`], '--ice-policy', 'relay'));
  const x = a();
  await x.step(8);
  for (const s of await held(x, b(), 1000)) {
    assert.ok(s.ok, s.failure);
    assert.ok(s.received.every((r) => r.decoded > 0), JSON.stringify(s.received));
  }
  for (const host of hosts) {
    const { relayed, signaled, outside } = counted(host);
    assert.equal(outside, 0);
    assert.ok(relayed > 100 && signaled > 10, `${relayed} packets relayed, ${signaled} of signaling`);
  }
  // With the addresses of both told, the same two need no relay: the counter counts.
  const y = caller(t, hosts[0], 'offerer', 'direct', []);
  await y.step(8);
  const [s] = await held(y, caller(t, hosts[1], 'answerer', 'direct', []), 1000);
  assert.ok(s.ok && counted(hosts[0]).outside > 100, s.failure);
});
