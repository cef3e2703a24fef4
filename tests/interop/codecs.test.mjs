// Other codecs in real calls with Chromium and Firefox: what is agreed on is what both sides send, say and decode.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, open, state } from './lib/browser.mjs';
import { launchFirefox, openFirefox } from './lib/firefox.mjs';
import { readNumbers } from './lib/pattern.mjs';
import { call, run, serve, tempDir } from './lib/rill.mjs';
import { shared } from './lib/shared.mjs';

const browsers = { Chromium: [shared(launch), open], Firefox: [shared(launchFirefox), openFirefox] };

// rill's page, in the one browser of that name.
async function pageOf(t, name, server) {
  const [browser, openIn] = browsers[name];
  const page = await openIn(await browser(), server, 'browser');
  t.after(() => page.close());
  return page;
}

// Until the page has decoded so many pictures.
async function decodes(page, pictures) {
  const now = () => page.evaluate(async () => [...(await window.rill.pc.getStats()).values()].find((s) => s.type === 'inbound-rtp' && s.kind === 'video')?.framesDecoded ?? 0);
  for (const end = Date.now() + 30000; (await now()) < pictures;) {
    assert.ok(Date.now() < end, `${await now()} pictures decoded`);
    await new Promise((ok) => setTimeout(ok, 100));
  }
}

// What getStats says of each stream: its codec, and how much was decoded or sent.
function streams(page) {
  return page.evaluate(async () => {
    const all = await window.rill.pc.getStats(), out = {};
    for (const s of all.values())
      if (s.type === 'inbound-rtp' || s.type === 'outbound-rtp')
        out[`${s.type.split('-')[0]} ${s.kind}`] = { codec: all.get(s.codecId)?.mimeType, frames: s.framesDecoded ?? s.framesEncoded, samples: s.totalSamplesReceived, energy: s.totalAudioEnergy };
    return out;
  });
}

async function callChromium(t, codecs, ...options) {
  const server = await serve(t);
  const dir = tempDir(t);
  const a = call(t, server, 'rill', '--as', 'offerer', '--codecs', codecs, '--changes', ...options, '-o', join(dir, 'kept.ivf'), '-o', join(dir, 'kept.wav'));
  await a.step(9);
  const page = await pageOf(t, 'Chromium', server);
  await page.click('#answer:enabled');
  await state(page, 'connected');
  await a.step(23);
  const numbers = await readNumbers(page, '#remote', 20);
  const seen = await streams(page);
  return { dir, numbers, seen, summary: await a.receives((video, audio) => video.decoded > 10 && audio.samples > 96000) };
}

test('VP9 and PCMU with Chromium, both ways', async (t) => {
  const { dir, numbers, seen, summary } = await callChromium(t, 'vp9,vp8,pcmu,opus', '-i', 'testsrc', '-i', 'sine:frequency=500');
  assert.ok(numbers.every((n) => n >= 0), `each picture shows its number: ${numbers}`);
  assert.ok(numbers.at(-1) > numbers[0]);
  for (const way of ['inbound', 'outbound']) {
    assert.equal(seen[`${way} video`].codec, 'video/VP9');
    assert.equal(seen[`${way} audio`].codec, 'audio/PCMU');
  }
  assert.ok(seen['inbound audio'].energy > 0);
  assert.ok(summary.ok, summary.failure);
  const video = summary.received.find((s) => s.kind === 'video');
  assert.equal(video.decode_errors, 0, JSON.stringify(video));
  const audio = summary.received.find((s) => s.kind === 'audio');
  assert.equal(audio.decode_errors, 0, JSON.stringify(audio));
  const probe = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name,width', '-of', 'csv=p=0', join(dir, 'kept.ivf')]);
  assert.equal(probe.stdout.toString().trim(), 'vp9,640');
  // G.711 is kept as the sound that it is.
  const wav = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name,sample_rate:format=duration', '-of', 'csv=p=0', join(dir, 'kept.wav')]).stdout.toString().trim().split(/[\n,]/);
  assert.deepEqual(wav.slice(0, 2), ['pcm_s16le', '48000']);
  assert.ok(Number(wav[2]) > 1.5, `${wav}`);
  assert.ok(audio.totalAudioEnergy > 0 && audio.concealedSamples < audio.totalSamplesReceived / 2, JSON.stringify(audio));
});

// Two seconds of a voice, three of the room alone, at -50 dBov in the band that G.711 has, again and again.
function speaker(t) {
  const path = join(tempDir(t), 'speaker.wav');
  const voice = [1, 2, 3, 4, 5, 6].map((n) => `sin(${n}*280*PI*t)/${n}`).join('+');
  const r = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `aevalsrc='lt(t,2)*0.3*(${voice})*max(0,sin(6*PI*t))+0.0054*(2*random(0)-1)':s=8000:d=5`, path]);
  assert.equal(r.status, 0, r.stderr.toString());
  return path;
}

// In the page: how loud what it hears is, dB below the loudest, ten times a second.
const levels = (page, ms) => page.evaluate(async (duration) => {
  const audio = new AudioContext({ sampleRate: 48000 });
  await audio.resume();
  const analyser = audio.createAnalyser();
  analyser.fftSize = 4096;
  audio.createMediaStreamSource(document.querySelector('#remote').srcObject).connect(analyser);
  const samples = new Float32Array(analyser.fftSize), out = [];
  for (const end = performance.now() + duration; performance.now() < end;) {
    await new Promise((ok) => setTimeout(ok, 100));
    analyser.getFloatTimeDomainData(samples);
    out.push(10 * Math.log10(samples.reduce((sum, v) => sum + v * v, 0) / samples.length + 1e-13));
  }
  await audio.close();
  return out;
}, ms);

// RFC 3389, RFC 7874 §3: Chromium sends it by itself where it was agreed, rill with --dtx. Its microphone beeps.
test('of a pause in PCMU both sides send comfort noise, and hear it', async (t) => {
  const server = await serve(t);
  const a = call(t, server, 'rill', '--as', 'offerer', '--changes', '--codecs', 'pcmu', '--dtx', '-loop', '1', '-i', speaker(t));
  await a.step(9);
  const page = await pageOf(t, 'Chromium', server);
  await page.click('#answer:enabled');
  await state(page, 'connected');
  await a.step(23);
  const inbound = () => page.evaluate(async () => [...(await window.rill.pc.getStats()).values()].find((s) => s.type === 'inbound-rtp' && s.kind === 'audio'));
  const before = await inbound();
  const heard = (await levels(page, 5200)).sort((x, y) => x - y);
  const after = await inbound();
  a.child.kill('SIGINT');
  const summary = await a.summary();
  const got = summary.received.find((s) => s.kind === 'audio');
  const said = JSON.stringify([before, after, heard.map(Math.round), got]);
  assert.match(await page.evaluate(() => window.rill.pc.localDescription.sdp), /a=rtpmap:13 CN\/8000/);
  // Of the pauses hardly anything was sent, and nothing is missing; the room is heard, and the voice.
  const seconds = (after.timestamp - before.timestamp) / 1000;
  assert.ok((after.packetsReceived - before.packetsReceived) / seconds < 40, said);
  assert.equal(after.packetsLost, 0, said);
  const [quiet, loud] = [heard[heard.length >> 2], heard.at(-5)];
  t.diagnostic(`the page hears ${Math.round(quiet)} dB in pauses, ${Math.round(loud)} dB of the voice`);
  assert.ok(Math.abs(quiet + 50) < 4 && loud > -30, said);
  assert.ok(got.comfort_samples > 48000 && got.lost === 0 && got.decode_errors === 0, said);
  assert.ok(got.concealedSamples < got.totalSamplesReceived / 10, said);
});

// RFC 3264 §6.1: any format that was answered may come at any time. Chromium goes over without a new description.
test('Chromium goes over to other codecs in mid-call, without a new description', async (t) => {
  const server = await serve(t);
  const dir = tempDir(t);
  const a = call(t, server, 'rill', '--as', 'offerer', '--codecs', 'vp8,vp9,opus,pcmu', '-t', '5', '--stats', '1', '-i', 'testsrc', '-i', 'sine', '-o', join(dir, 'kept.ivf'), '-o', join(dir, 'kept.wav'));
  await a.step(9);
  const page = await open(await launch(t), server, 'browser');
  await page.click('#answer:enabled');
  await state(page, 'connected');
  await a.step(23);
  const before = await streams(page);
  assert.equal(before['outbound video'].codec, 'video/VP8');
  assert.equal(before['outbound audio'].codec, 'audio/opus');
  const changed = await page.evaluate(async () => {
    const wanted = { video: 'video/VP9', audio: 'audio/PCMU' };
    for (const sender of window.rill.pc.getSenders()) {
      const parameters = sender.getParameters();
      parameters.encodings[0].codec = parameters.codecs.find((c) => c.mimeType === wanted[sender.track.kind]);
      await sender.setParameters(parameters);
    }
    return window.rill.pc.getSenders().every((s) => s.getParameters().encodings[0].codec?.mimeType === wanted[s.track.kind]);
  });
  if (!changed) return t.skip('this Chromium does not let an encoding choose its codec');
  // What comes, as rill tells it: the numbers of those that were answered second.
  const names = (e, kind) => e.stats.filter((s) => s.type === 'inbound-rtp' && s.kind === kind).map((s) => e.stats.find((c) => c.id === s.codecId)?.mimeType);
  await a.event((e) => e.event === 'stats' && e.stats && names(e, 'video').includes('video/VP9') && names(e, 'audio').includes('audio/PCMU'));
  // Keys go by the clock of what is sent now (RFC 4733 §2.1).
  await page.evaluate(() => window.rill.pc.getSenders().find((s) => s.dtmf).dtmf.insertDTMF('5', 100, 70));
  const tone = await a.event((e) => e.event === 'tone');
  assert.ok(tone.value === '5' && tone.duration_ms > 60 && tone.duration_ms < 200, JSON.stringify(tone));
  const summary = await a.summary();
  for (const s of summary.received) assert.ok(s.decode_errors === 0 && s.decoded > 30, JSON.stringify(s));
  assert.deepEqual(a.events.filter((e) => e.event === 'codec').map((e) => e.value.split(' ')[0]).sort(), ['pcmu', 'vp9']);
  // The file of packets has ended with its codec; the one of sound has all of it.
  assert.equal(decoded(join(dir, 'kept.ivf'))[0], 'vp8');
  const wav = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', join(dir, 'kept.wav')]).stdout.toString();
  assert.ok(Number(wav) > 2.5, wav);
});

test('VP9 and PCMA with Firefox, both ways', async (t) => {
  const server = await serve(t);
  const page = await pageOf(t, 'Firefox', server);
  const a = call(t, server, 'rill', '--as', 'offerer', '--changes', '--codecs', 'vp9,vp8,pcma,opus', '-i', 'testsrc', '-i', 'sine');
  await a.step(8);
  await page.locator('#answer:enabled').click();
  await state(page, 'connected');
  await a.step(23);
  await decodes(page, 11);
  const seen = await streams(page);
  for (const way of ['inbound', 'outbound']) {
    assert.equal(seen[`${way} video`].codec, 'video/VP9');
    assert.equal(seen[`${way} audio`].codec, 'audio/PCMA');
  }
  const summary = await a.receives((video, audio) => video.decoded > 10 && audio.decoded > 10);
  assert.ok(summary.ok, summary.failure);
  for (const s of summary.received) assert.equal(s.decode_errors, 0, JSON.stringify(s));
  assert.ok(!(await page.evaluate(() => RTCRtpReceiver.getCapabilities('audio').codecs.some((c) => c.mimeType === 'audio/CN'))));
});

// Three seconds by ffmpeg's own encoder; a key frame each second.
function filmOf(dir, name, size, ...encoder) {
  const path = join(dir, name);
  const r = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `testsrc=s=${size}:r=30:d=3`, '-g', '30', ...encoder, '-pix_fmt', 'yuv420p', path]);
  assert.equal(r.status, 0, r.stderr.toString());
  return path;
}

const film = (dir, name, ...encoder) => filmOf(dir, name, '320x240', ...encoder);

const decoded = (path) => {
  const r = spawnSync('ffprobe', ['-v', 'error', '-count_frames', '-select_streams', 'v', '-show_entries', 'stream=codec_name,width,height,nb_read_frames', '-of', 'csv=p=0', path]);
  return r.stdout.toString().trim().split(',');
};

// What rill cannot decode it passes on: a file to the page, which shows it, and the page's camera to a file. Sound beside
// it is G.711.
const passedOn = { H264: ['h264', '-c:v', 'libx264', '-profile:v', 'baseline', '-bf', '0'], AV1: ['ivf', '-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8'] };
for (const [name, sound] of [['Chromium', 'PCMA'], ['Firefox', 'PCMU']])
  for (const [codec, [ending, ...encoder]] of Object.entries(passedOn))
    test(`${codec} and ${sound} from files to ${name} and from ${name} to files`, async (t) => {
      const server = await serve(t);
      const page = await pageOf(t, name, server);
      const knows = await page.evaluate((mime) => RTCRtpSender.getCapabilities('video').codecs.some((c) => c.mimeType === mime), `video/${codec}`);
      if (!knows) return t.skip(`this ${name} has no ${codec}`);
      const dir = tempDir(t);
      const kept = join(dir, `kept.${ending}`);
      const a = call(t, server, 'rill', '--as', 'offerer', '--changes', '--codecs', `${codec},${sound},opus`, ...(ending === 'h264' ? ['-r', '30'] : []),
        '-i', film(dir, `film.${ending}`, ...encoder), '-i', 'sine', '-o', kept, '-o', join(dir, 'kept.mkv'));
      await page.locator('#answer:enabled').click();
      await state(page, 'connected');
      await a.step(23);
      await decodes(page, 31);
      const seen = await streams(page);
      for (const way of ['inbound', 'outbound'])
        assert.deepEqual([seen[`${way} video`].codec, seen[`${way} audio`].codec], [`video/${codec}`, `audio/${sound}`]);
      assert.ok(seen['inbound audio'].energy > 0, JSON.stringify(seen));
      // What nobody decodes here says its size all the same.
      const { stats } = await a.says('stats', (e) => e.event === 'stats' && e.stats.some((o) => o.type === 'inbound-rtp' && o.frameWidth));
      const size = (type) => stats.filter((o) => o.type === type && o.kind === 'video').map((o) => [o.frameWidth ?? o.width, o.frameHeight ?? o.height])[0];
      assert.deepEqual([size('outbound-rtp'), size('media-source')], [[320, 240], [320, 240]]);
      if (name === 'Chromium') assert.deepEqual(size('inbound-rtp'), [640, 480]);
      const summary = await a.receives((video, audio) => video.frames > 24 && audio.decoded > 50);
      assert.ok(summary.ok, summary.failure);
      assert.equal(summary.received.find((s) => s.kind === 'audio').decode_errors, 0);
      for (const path of [kept, join(dir, 'kept.mkv')]) {
        const [is, width, height, frames] = decoded(path);
        // Firefox begins small, and grows.
        if (name === 'Chromium') assert.deepEqual([width, height], ['640', '480']);
        assert.equal(is, codec.toLowerCase());
        assert.ok(Number(frames) > 20, `${frames} pictures in ${path}`);
      }
    });

// H.264 as Chromium is made to have it: in one packetization mode, and at a level that its offer says.
const h264 = ({ mode, id, asymmetry }) => {
  const P = RTCPeerConnection.prototype, { createOffer, setRemoteDescription } = P;
  P.createOffer = async function () {
    const { codecs } = RTCRtpReceiver.getCapabilities('video');
    const wanted = codecs.filter((c) => /rtx/.test(c.mimeType) || (c.mimeType === 'video/H264' && c.sdpFmtpLine.includes(`packetization-mode=${mode};profile-level-id=42e0`)));
    this.getTransceivers().find((t) => t.receiver.track.kind === 'video').setCodecPreferences(wanted);
    const { type, sdp } = await createOffer.call(this);
    return { type, sdp: sdp.replace(/profile-level-id=42e0../g, `profile-level-id=${id}`).replace(/level-asymmetry-allowed=./g, `level-asymmetry-allowed=${asymmetry}`) };
  };
  // Its preferences would not do for an answer: it sends what was offered first, answered or not.
  P.setRemoteDescription = function ({ type, sdp }) {
    const others = [...sdp.matchAll(/^a=fmtp:(\d+) .*packetization-mode=(\d)/gm)].filter((m) => Number(m[2]) !== mode).map((m) => m[1]);
    for (const m of sdp.matchAll(/^a=fmtp:(\d+) apt=(\d+)/gm)) if (others.includes(m[2])) others.push(m[1]);
    if (type === 'offer')
      for (const pt of others) sdp = sdp.replace(new RegExp(`^a=(rtpmap|fmtp|rtcp-fb):${pt} .*\r\n`, 'gm'), '').replace(new RegExp(`^(m=video .*) ${pt}\\b`, 'm'), '$1');
    return setRemoteDescription.call(this, { type, sdp });
  };
};

// Of each direction of the pictures, as this end's statistics have it: a=fmtp, size, and what the stream says of itself.
function directions(report) {
  const of = (type) => {
    const s = report.find((o) => o.type === type && o.kind === 'video');
    const { sdpFmtpLine, mimeType } = report.find((o) => o.id === s.codecId);
    return { mimeType, ...Object.fromEntries(sdpFmtpLine.split(';').map((p) => p.split('='))), size: `${s.frameWidth}x${s.frameHeight}`, is: s.profileLevelId };
  };
  return { received: of('inbound-rtp'), sent: of('outbound-rtp') };
}

// A call in which Chromium is so; how both ends saw it.
async function callWithH264(t, pageOffers, how, film, ...options) {
  const server = await serve(t);
  const page = await pageOf(t, 'Chromium', server);
  await page.evaluate(h264, { id: '42e01f', asymmetry: 1, ...how });
  if (pageOffers) {
    await page.click('#call:enabled');
    await state(page, 'calling');
  }
  const a = call(t, server, 'rill', '--as', pageOffers ? 'answerer' : 'offerer', '--changes', '--codecs', 'h264,opus', '-r', '30', '-i', film, '-i', 'sine', ...options);
  if (!pageOffers) await page.click('#answer:enabled');
  await state(page, 'connected');
  await a.step(23);
  await decodes(page, 31);
  const report = () => page.evaluate(async () => [...(await window.rill.pc.getStats()).values()].map((o) => JSON.parse(JSON.stringify(o))));
  let ours;
  for (const end = Date.now() + 20000; !(ours && ours.received.size > '1' && ours.sent.size > '1'); ours = directions((await a.says('stats', (e) => e.event === 'stats')).stats)) assert.ok(Date.now() < end, JSON.stringify(ours));
  const theirs = directions(await report());
  const summary = await a.receives((video, audio) => video.frames > 24 && audio.decoded > 50);
  assert.ok(summary.ok, summary.failure);
  return { a, ours, theirs };
}

for (const pageOffers of [true, false])
  test(`H.264 in single NAL units (packetization-mode 0) with Chromium, which ${pageOffers ? 'offers' : 'answers'}`, async (t) => {
    const dir = tempDir(t);
    const trace = join(dir, 'call.sqlog');
    const film = filmOf(dir, 'film.h264', '320x240', '-c:v', 'libx264', '-profile:v', 'baseline', '-x264-params', 'slice-max-size=1000');
    const { ours, theirs } = await callWithH264(t, pageOffers, { mode: 0 }, film, '--trace', trace);
    for (const d of [ours.received, ours.sent, theirs.received, theirs.sent]) assert.deepEqual([d.mimeType, d['packetization-mode']], ['video/H264', '0']);
    assert.deepEqual([ours.sent.size, theirs.received.size, ours.received.size, theirs.sent.size], ['320x240', '320x240', '640x480', '640x480']);
    const lines = run(['trace', 'dump', '--json', '--fields', '-F', 'rtp', trace]).out.trim().split('\n').map((line) => JSON.parse(line));
    for (const way of ['peer:rtp_sent', 'peer:rtp_received']) {
      const types = lines.filter((l) => l.name === way).flatMap((l) => l.fields.filter((f) => f.name === 'type' && f.clause === 'RFC 6184 §5.2')).map((f) => f.value);
      assert.ok(types.length > 30 && types.every((type) => type > 0 && type < 24), `${way}: ${types.length}, ${[...new Set(types)]}`);
    }
  });

for (const asymmetry of [1, 0])
  test(`H.264's levels with Chromium: ${asymmetry ? 'each direction its own' : 'the lower one for both'}`, async (t) => {
    const film = filmOf(tempDir(t), 'film.h264', '176x144', '-c:v', 'libx264', '-profile:v', 'baseline', '-level', '1.1', '-bf', '0');
    const { ours, theirs } = await callWithH264(t, true, { mode: 1, id: '42e00b', asymmetry }, film);
    const agreed = (level) => ['video/H264', String(asymmetry), '1', `42e0${level}`];
    const says = (d) => [d.mimeType, d['level-asymmetry-allowed'], d['packetization-mode'], d['profile-level-id']];
    for (const d of [ours.sent, theirs.received]) assert.deepEqual([says(d), d.size], [agreed('0b'), '176x144']);
    for (const d of [ours.received, theirs.sent]) assert.deepEqual(says(d), agreed(asymmetry ? '1f' : '0b'));
    assert.equal(ours.received.size, theirs.sent.size);
    assert.equal(ours.sent.is, '42c00b');
    // What Chromium's encoder makes is of level 3.1 whatever was agreed on.
    if (asymmetry) assert.equal(ours.received.is, '42c01f');
  });
