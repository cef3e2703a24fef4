// The command line: help, usage, exit codes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './lib/rill.mjs';

const commands = ['serve', 'call', 'decode', 'stun'];

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
    ['call', '--signaling', 'smoke', 'http://127.0.0.1:1/'], ['serve', '--ping-interval', '0'],
    ['serve', '--ping-timeout', 'x'], ['serve', '--max-payload', '5'], ['serve', '--connections', '0'],
    ['serve', '--tls', 'on'], ['serve', '--tls', 'a.crt,'], ['serve', '--tls', ',a.key'], ['serve', '--ca', ''],
    ['serve', ...Array(9).fill('--listen=127.0.0.1:0')],
    ['stun'], ['stun', '--no-such'],
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

test('a source that is not there fails with 1 and names it', () => {
  const r = run(['call', '--as', 'offerer', '--timeout', '5', '-i', 'none.y4m', 'http://127.0.0.1:9/']);
  assert.equal(r.code, 1);
});
