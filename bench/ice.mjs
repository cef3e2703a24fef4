// bench-ice: how long two ICE agents take to find a pair over a link of 20 ms each way, by rill and by
// libnice, in the same process each, with the same stand-ins between them (bench/ice/link.h); beside
// it what no agent can beat. The stand-ins look like a NAT, so both agents learn peer-reflexive
// candidates, and neither may think a pair of hosts the best there is.
import { spawnSync } from 'node:child_process';

const rows = process.argv.slice(2).flatMap((program) => {
  const r = spawnSync(program, { timeout: 300000 });
  if (r.error || r.signal) throw r.error ?? new Error(`${program}: ${r.signal}`);
  return r.stdout.toString().trim().split('\n').filter(Boolean).map((l) => JSON.parse(l));
});

console.log('medians of both agents; a round trip is 40 ms. The least: first valid pair 1 RTT, selected 2 RTT, 3 checks');
console.log(`${'stack'.padEnd(8)} ${'scenario'.padEnd(34)} ${'valid'.padStart(10)} ${'RTTs'.padStart(5)} ${'selected'.padStart(10)} ${'RTTs'.padStart(5)} ${'checks'.padStart(6)} ${'CPU'.padStart(8)}  connected`);
for (const r of rows) {
  const ms = (n) => `${n.toFixed(1)} ms`.padStart(10);
  const rtts = (n) => (n / r.rtt_ms).toFixed(1).padStart(5);
  console.log(`${r.stack.padEnd(8)} ${r.scenario.padEnd(34)} ${ms(r.valid_ms)} ${rtts(r.valid_ms)} ${ms(r.selected_ms)} ${rtts(r.selected_ms)} ${String(r.requests).padStart(6)} ${`${r.cpu_ms.toFixed(2)} ms`.padStart(8)}  ${r.connected}/${r.runs}`);
}
const of = (stack, scenario) => rows.find((r) => r.stack === stack && r.scenario === scenario);
const lan = of('rill', 'one address');
const dead = of('rill', 'one address, dead STUN server');
const nice = of('libnice', 'one address');
console.log(`first valid pair: rill ${lan.valid_ms.toFixed(1)} ms, with a dead STUN server ${dead.valid_ms.toFixed(1)} ms, libnice ${nice.valid_ms.toFixed(1)} ms; no agent can be faster than ${lan.rtt_ms} ms`);
process.exit(rows.every((r) => r.connected === r.runs) ? 0 : 1);
