// A side that falls silent and comes back: ICE is restarted, and the call goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, serve } from './lib/rill.mjs';

test('a connection that is disconnected for 3 s has its ICE restarted', async (t) => {
  const server = await serve(t);
  const offerer = call(t, server, 'a', '--as', 'offerer', '--negotiation', 'polite', '-i', 'sine');
  const answerer = call(t, server, 'b', '--as', 'answerer', '-i', 'sine');
  const connection = (text) => (e) => e.event === 'connection' && e.value === text;
  await Promise.all([offerer, answerer].map((c) => c.event((e) => e.event === 'step' && e.step === 23)));
  answerer.child.kill('SIGSTOP');
  await offerer.event(connection('disconnected'), 20000);
  await offerer.event((e) => e.event === 'restart', 10000);
  const seen = offerer.events.length;
  answerer.child.kill('SIGCONT');
  for (let i = 0; i < 100 && !offerer.events.slice(seen).some(connection('connected')); i++)
    await new Promise((ok) => { setTimeout(ok, 100); });
  const after = offerer.events.slice(seen);
  assert.ok(after.some(connection('connected')), JSON.stringify(after));
  await offerer.stop();
  const sound = (await offerer.summary()).received[0];
  assert.ok(sound.decoded > 0 && !sound.decode_errors, JSON.stringify(sound));
});
