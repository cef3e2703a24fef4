// Real sound servers: PulseAudio and PipeWire behind their ALSA plug-ins. What one side sends is played into the
// server's speakers, heard again by its microphone and sent back.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, Process, rill, serve, tempDir } from './lib/rill.mjs';
import { pipewire, pulseaudio } from './lib/sound.mjs';
import { wellFormed } from './lib/webrtc_stats.mjs';

const audio = (summary, direction) => summary[direction].find((s) => s.kind === 'audio');

// A microphone that does not cancel what is played, which is all that there is to hear.
const microphone = 'alsa:microphone:echoCancellation.exact=false,noiseSuppression.exact=false,autoGainControl.exact=false';

function through(t, sound, server, name, ...options) {
  return new Process(t, [...sound.environment, rill, 'call', '--json', '--ice-loopback', '--name', name,
    '--stun', server.stun, '--timeout', '40', ...options, server.url], 'env');
}

// Mean level of a file from `from` seconds on, dB, through a narrow filter round hz.
function level(path, hz, from) {
  const r = spawnSync('ffmpeg', ['-hide_banner', '-ss', String(from), '-i', path, '-af', `bandpass=f=${hz}:width_type=h:w=50,volumedetect`, '-f', 'null', '-']);
  return Number(/mean_volume: (\S+)/.exec(r.stderr.toString())[1]);
}

const servers = [['PulseAudio', pulseaudio], ['PipeWire', pipewire]];

describe('a tone is played into the speakers, comes back from the microphone, and does so again after the server stood still and after rill did', { concurrency: true }, () => {
  for (const [name, start] of servers)
    test(name, async (t) => {
      const sound = await start(t);
      const listed = spawnSync('env', [...sound.environment, rill, 'devices', '--json']);
      const devices = JSON.parse(listed.stdout.toString()).filter((d) => d.name === 'alsa:microphone' && d.kind === 'audioinput');
      assert.deepEqual(devices.map((d) => d.label), [name]);
      const server = await serve(t);
      const kept = join(tempDir(t), 'back.wav');
      const a = call(t, server, 'first', '--as', 'offerer', '-t', '8', '-i', 'sine:frequency=700', '-o', kept);
      const b = through(t, sound, server, 'second', '--as', 'answerer', '-t', '7', '-i', microphone, '--play=speakers', '--stats', '2');
      await b.step(23);
      await sleep(2500);
      for (const p of [sound.process, b.child]) {
        p.kill('SIGSTOP');
        await sleep(400);
        p.kill('SIGCONT');
        await sleep(600);
      }
      const [x, y] = await Promise.all([a.summary(), b.summary()]);
      assert.ok(x.ok && y.ok, a.err + b.err + sound.log);
      const heard = audio(x, 'received');
      assert.equal(heard.decode_errors, 0);
      assert.ok(Math.abs(heard.tone_hz - 700) < 15, `${heard.tone_hz} Hz came back: ${sound.log}`);
      assert.ok(level(kept, 700, 6) > level(kept, 2500, 6) + 30);
      assert.deepEqual(b.events.filter((e) => e.event === 'ended'), []);
      // RTCAudioPlayoutStats: all that the card was given, and what was made up when rill stood still.
      const { stats } = b.events.findLast((e) => e.event === 'stats' && e.stats.length);
      wellFormed(stats);
      const played = stats.find((o) => o.type === 'media-playout');
      assert.equal(stats.find((o) => o.type === 'inbound-rtp' && o.kind === 'audio').playoutId, played.id);
      const mean = played.totalPlayoutDelay / played.totalSamplesCount;
      assert.ok(played.totalSamplesCount > 96000 && Math.abs(played.totalSamplesDuration - played.totalSamplesCount / 48000) < 0.001, JSON.stringify(played));
      assert.ok(mean > 0 && mean < 1 && played.synthesizedSamplesDuration < played.totalSamplesDuration, JSON.stringify(played));
    });
});
