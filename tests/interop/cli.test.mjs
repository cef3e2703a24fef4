// The command line: help, usage, exit codes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { call, Process, run, serve, tempDir } from './lib/rill.mjs';

const commands = ['serve', 'call', 'decode', 'sdp', 'stun'];

test('every subcommand has --help with an example and exits 0', () => {
  for (const c of commands) {
    const r = run([c, '--help']);
    assert.equal(r.code, 0, c);
    assert.match(r.out, /usage: rill /);
    assert.match(r.out, /example:/);
  }
  const all = run(['--help']);
  assert.equal(all.code, 0);
  for (const c of commands) assert.match(all.out, new RegExp(`^  ${c} `, 'm'));
});

test('wrong usage exits 2 and says something on standard error only', () => {
  const wrong = [
    [], ['nothing'], ['decode'], ['decode', 'nothing'], ['decode', 'stun', 'a', 'b'],
    ['decode', '--key', 'xyz', 'stun'], ['decode', '--no-such', 'stun'], ['call'], ['call', '--no-such'],
    ['call', '-t', 'x', 'http://127.0.0.1:1/'], ['call', '--as', 'king', 'http://127.0.0.1:1/'],
    ['serve', '--no-such'], ['serve', '--stun-port', '70000'], ['serve', '--listen', '127.0.0.1:70000'],
    ['call', '--negotiation', 'rude', 'http://127.0.0.1:1/'],
    ['call', '--signaling', 'smoke', 'http://127.0.0.1:1/'], ['serve', '--ping-interval', '0'],
    ['serve', '--ping-timeout', 'x'], ['serve', '--max-payload', '5'], ['serve', '--connections', '0'],
    ['serve', '--tls', 'on'], ['serve', '--tls', 'a.crt,'], ['serve', '--tls', ',a.key'], ['serve', '--ca', ''],
    ['serve', ...Array(9).fill('--listen=127.0.0.1:0')],
    ['stun'], ['stun', '--no-such'], ['call', 'ftp://127.0.0.1/'], ['call', 'http://127.0.0.1:99999/'],
    ['serve', '--listen', 'off', '--stun-port', 'off'], ['serve', '--listen', 'xoff'],
  ];
  for (const args of wrong) {
    const r = run(args);
    assert.equal(r.code, 2, `rill ${args.join(' ')}: ${r.out}${r.err}`);
    assert.notEqual(r.err, '');
    assert.equal(r.out, '');
  }
});

test('a call to a server that is not there fails with 1 and says why', () => {
  const r = run(['call', '--timeout', '5', 'http://127.0.0.1:9/']);
  assert.equal(r.code, 1);
  assert.match(r.err, /rill call: \[/);
});

test('what is wrong with an option names the option', () => {
  assert.match(run(['call', '--as', 'king', 'http://127.0.0.1:1/']).err, /"king" .*--as/);
  assert.match(run(['call', '-t', 'x', 'http://127.0.0.1:1/']).err, /"x" .*-t/);
  assert.match(run(['stun', '::1']).err, /::1: an IPv6 address stands in brackets/);
  assert.match(run(['call', 'ftp://127.0.0.1/']).err, /ftp:\/\/127.0.0.1\/: it begins with http:\/\//);
});

test('a source that is not there fails with 1 and names it', async (t) => {
  const c = call(t, await serve(t), 'a', '--as', 'offerer', '-i', 'none.y4m');
  const { failure } = await c.summary();
  assert.match(failure, /none\.y4m: .*No such file/);
  assert.equal(c.code, 1);
});

test('what cannot be kept is told before anybody is called, and fails with 1', async (t) => {
  const server = await serve(t);
  for (const [out, why] of [[join(tempDir(t), 'no/such'), /No such file/], ['README.md', /in a directory: one that is there/]]) {
    const c = call(t, server, 'a', '--as', 'offerer', '-o', out);
    const { failure } = await c.summary();
    assert.match(failure, why);
    assert.ok(failure.includes(out), failure);
    assert.deepEqual(c.steps(), []);
    assert.equal(c.code, 1);
  }
});

test('serve --listen off is a STUN server alone', async (t) => {
  const p = new Process(t, ['serve', '--json', '--listen', '127.0.0.1:off', '--stun-port', '0']);
  const { address, port } = await p.event((e) => e.event === 'stun');
  assert.equal(address, '127.0.0.1');
  assert.ok(!p.events.some((e) => e.event === 'listening'));
  const r = run(['stun', '--json', `127.0.0.1:${port}`]);
  assert.equal(r.code, 0, r.out);
  assert.equal(await p.stop(), 0);
});

test('signals that go on coming do no harm while rill ends', async (t) => {
  for (let i = 0; i < 4; i++) {
    const { process } = await serve(t);
    while (process.code === undefined && process.child.kill('SIGTERM')) await new Promise((ok) => setImmediate(ok));
    await process.ended;
    assert.equal(process.code, 0, process.err);
  }
});
