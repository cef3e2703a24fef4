// What `make bench-signaling` prints: how many idle clients one process holds and what each
// costs, how fast an offer reaches a thousand, how many messages a second go there and back;
// `rill serve` and Node's socket.io in turn, on this machine, in this run.
//
//   node bench/signaling.mjs RILL SIGNALING_LOAD
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [rill, load] = process.argv.slice(2);
const CLIENTS = Number(process.env.CLIENTS ?? 10000);
const LISTENERS = Number(process.env.LISTENERS ?? 1000);
const HOLD = 4;
const OFFERS = 20;
const ECHOES = 64;
const SECONDS = 5;
const ROUNDS = Number(process.env.ROUNDS ?? 3);

const servers = {
  rill: () => [rill, ['serve', '--listen', '127.0.0.1:0', '--stun-port', 'off', '--tls', 'off', '--echo', '--json',
    '--connections', String(CLIENTS + 64), '--connections-per-address', String(CLIENTS + 64)]],
  node: () => [process.execPath, [new URL('node_server.mjs', import.meta.url).pathname]],
};

const lines = (stream) => createInterface({ input: stream })[Symbol.asyncIterator]();

// Starts a server; it tells its URL in the first line that has one.
async function start(name) {
  const [command, args] = servers[name]();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const out = lines(child.stdout);
  for (;;) {
    const { value, done } = await out.next();
    if (done) throw new Error(`${name} did not start`);
    const port = /127\.0\.0\.1:(\d+)/.exec(value)?.[1];
    if (!port) continue;
    (async () => { for await (const line of out) void line; })();
    return { child, port };
  }
}

async function stop({ child }) {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 3000).unref();
  await ended;
}

const rss = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function run(args) {
  const child = spawn(load, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, out: lines(child.stdout) };
}

async function answer({ out }) {
  const { value, done } = await out.next();
  if (done) throw new Error('the load gave no answer');
  return JSON.parse(value);
}

async function hold(name, framing) {
  const server = await start(name);
  const before = rss(server.child.pid);
  const client = run([server.port, framing, 'hold', CLIENTS, HOLD]);
  const { held, lost } = await answer(client);
  await sleep(2000);
  const each = (rss(server.child.pid) - before) / Math.max(held, 1);
  await new Promise((done) => client.child.once('exit', done));
  await stop(server);
  return { held, lost, kib: each };
}

async function once(name, args) {
  const server = await start(name);
  const got = await answer(run([server.port, ...args]));
  await stop(server);
  return got;
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

// The servers in turn, ROUNDS times; the median of each figure.
async function rounds(names, one) {
  const got = Object.fromEntries(names.map((n) => [n, []]));
  for (let i = 0; i < ROUNDS; i++) for (const n of names) got[n].push(await one(n));
  return (name, figure) => median(got[name].map((g) => g[figure]));
}

const row = (...cells) => console.log(cells.map((c, i) => (i ? String(c).padStart(22) : String(c).padEnd(46))).join(''));
const both = ['rill', 'node'];
row('', 'rill serve', 'Node socket.io');

const heldSio = {};
for (const n of both) heldSio[n] = await hold(n, 'socketio');
const heldWs = await hold('rill', 'ws');
row(`idle Socket.IO clients held (of ${CLIENTS})`, heldSio.rill.held, heldSio.node.held);
row('memory of the server for each, KiB', heldSio.rill.kib.toFixed(1), heldSio.node.kib.toFixed(1));
row(`idle plain WebSocket clients held (of ${CLIENTS})`, heldWs.held, '-');
row('memory of the server for each, KiB', heldWs.kib.toFixed(1), '-');

const spread = await rounds(both, (n) => once(n, ['socketio', 'broadcast', LISTENERS, OFFERS]));
for (const [label, figure] of [['p50', 'p50_us'], ['p99', 'p99_us']])
  row(`an offer heard by ${LISTENERS} clients, ${label}, ms`, ...both.map((n) => (spread(n, figure) / 1000).toFixed(1)));

const echo = await rounds(both, (n) => once(n, ['socketio', 'echo', ECHOES, SECONDS]));
row(`messages there and back a second, ${ECHOES} clients`, ...both.map((n) => echo(n, 'messages_per_s')));

const good = heldSio.rill.held === CLIENTS && heldWs.held === CLIENTS && heldSio.rill.kib <= 16 && heldWs.kib <= 16;
console.log(`aim: ${CLIENTS} clients at 16 KiB or less each: ${good ? 'reached' : 'missed'}`);
