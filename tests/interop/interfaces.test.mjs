// Addresses that go and come in mid-call, in network namespaces: the call goes on, over another one.
// Nothing tells the other side but the checks themselves: with the address the connection to the
// server is gone too. And a network that lets no UDP through.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { impossible, Lab } from './lib/netns.mjs';
import { Process, rill } from './lib/rill.mjs';

// Two hosts and a server on one switch.
async function lab(t) {
  const l = await Lab.make(t, 'a', 'b', 'server');
  l.bridge(l.server, 'br0', '10.0.0.9/24');
  l.plug(l.a, 'eth0', '10.0.0.1/24', l.server, 'br0', 'port1');
  l.plug(l.b, 'eth0', '10.0.0.2/24', l.server, 'br0', 'port2');
  const p = inside(t, l.server, ['serve', '--json', '--listen', '10.0.0.9:0', '--stun-port', '0', '--tls', 'off']);
  const { url } = await p.event((e) => e.event === 'listening');
  return { ...l, url };
}

const inside = (t, host, args) => {
  const [command, ...before] = host.inside;
  return new Process(t, [...before, rill, ...args], command);
};

// Small pictures: what counts is that they come, on a busy machine too. Until it is told to hang up.
const call = (t, host, url, name, role) =>
  inside(t, host, ['call', '--json', '--name', name, '--as', role, '--timeout', '20',
    '-s', '160x120', '-r', '10', '-i', 'testsrc', '-i', 'sine', url]);

// The pair in use as the call itself tells it.
async function pairInUse(p) {
  const told = p.events.length;
  p.child.kill('SIGUSR1');
  const { stats } = await p.event((e) => e.event === 'why' && p.events.indexOf(e) >= told);
  const pair = stats.find((s) => s.type === 'candidate-pair' && s.selected);
  const candidate = (id) => stats.find((s) => s.id === id);
  return pair && { ...pair, local: candidate(pair.localCandidateId), remote: candidate(pair.remoteCandidateId) };
}

// Waits until media flows in over a pair that is as wanted.
async function flows(p, wanted, ms = 20000) {
  let pair;
  for (const end = Date.now() + ms; Date.now() < end; await sleep(100)) {
    pair = await pairInUse(p);
    if (pair && pair.packetsReceived > 20 && wanted(pair)) return;
  }
  assert.fail(p.describe(`no media over the pair wanted, but ${JSON.stringify(pair)}`));
}

async function hangUp(a, b) {
  await a.stop();
  for (const p of [a, b]) {
    const s = await p.summary();
    assert.ok(s.ok, `${s.name}: ${s.failure}`);
    for (const stream of s.received) assert.equal(stream.decode_errors, 0, s.name);
  }
}

async function changes(t, side) {
  const l = await lab(t);
  const [old, other] = side === 'a' ? ['10.0.0.1', '10.0.0.11'] : ['10.0.0.2', '10.0.0.12'];
  const a = call(t, l.a, l.url, 'a', 'offerer');
  const b = call(t, l.b, l.url, 'b', 'answerer');
  const [mine, theirs] = side === 'a' ? [a, b] : [b, a];
  await Promise.all([a.step(23), b.step(23)]);
  l[side].ip(`addr del ${old}/24 dev eth0`);
  l[side].ip(`addr add ${other}/24 dev eth0`);
  await Promise.all([
    flows(mine, ({ local }) => local.address === other),
    flows(theirs, ({ remote }) => remote.address === other && remote.candidateType === 'prflx'),
  ]);
  await hangUp(a, b);
}

// As a default call has it: passive and active candidates beside UDP's.
async function meetsOverTcp(t) {
  const l = await lab(t);
  l.b.nft('add table inet f; add chain inet f in { type filter hook input priority 0; }; add rule inet f in meta l4proto udp drop');
  const a = call(t, l.a, l.url, 'a', 'offerer');
  const b = call(t, l.b, l.url, 'b', 'answerer');
  await Promise.all([a.step(23), b.step(23)]);
  for (const p of [a, b]) await flows(p, ({ local, remote }) => local.protocol === 'tcp' && remote.protocol === 'tcp');
  await hangUp(a, b);
}

test('UDP is blocked, and the call takes TCP', { skip: impossible('nft') }, meetsOverTcp);

test('an address changes in mid-call', { skip: impossible(), concurrency: true }, async (t) => {
  await Promise.all([
    t.test('of the offerer, which controls', (t) => changes(t, 'a')),
    t.test('of the answerer', (t) => changes(t, 'b')),
  ]);
});
