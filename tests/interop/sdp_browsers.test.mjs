// Each kind of offer that a browser makes, answered by `rill sdp answer`: the browser takes the answer, and
// is left with the m-lines, directions and codecs that it says.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch } from './lib/browser.mjs';
import { launchFirefox } from './lib/firefox.mjs';
import { root, run, tempDir } from './lib/rill.mjs';

// lines: [kind, direction] of each transceiver, or 'data'. after: what each direction is then.
const offers = {
  'sound and picture': { lines: [['audio', 'sendrecv'], ['video', 'sendrecv']], after: ['sendrecv', 'sendrecv'] },
  'data alone': { lines: ['data'], after: [] },
  'sound, picture and data': {
    lines: [['audio', 'sendrecv'], ['video', 'sendrecv'], 'data'], after: ['sendrecv', 'sendrecv'],
  },
  'data first': { lines: ['data', ['audio', 'sendrecv'], ['video', 'sendrecv']], after: ['sendrecv', 'sendrecv'] },
  'to receive alone': { lines: [['audio', 'recvonly'], ['video', 'recvonly']], after: ['recvonly', 'recvonly'] },
  'to send alone': { lines: [['audio', 'sendonly'], ['video', 'sendonly']], after: ['sendonly', 'sendonly'] },
  'on hold': { lines: [['audio', 'inactive'], ['video', 'sendrecv']], after: ['inactive', 'sendrecv'] },
  'three encodings': { lines: [['video', 'sendonly', ['a', 'b', 'c']]], after: ['sendonly'] },
  'several of each kind': {
    lines: [['video', 'sendrecv'], ['audio', 'sendrecv'], ['video', 'sendonly'], ['audio', 'recvonly']],
    after: ['sendrecv', 'sendrecv', 'sendonly', 'inactive'], // rill has one of each kind to send
  },
  'a transport for each if need be': {
    lines: [['audio', 'sendrecv'], ['video', 'sendrecv']], config: { bundlePolicy: 'max-compat' },
    after: ['sendrecv', 'sendrecv'],
  },
};

// The samples are offers of these kinds, made by the same browsers long ago, with candidates or without.
const samples = join(root, 'tests/data/sdp');
const kinds = {
  av_sendrecv: 'sound and picture', data_only: 'data alone', av_plus_data: 'sound, picture and data',
  av_recvonly_transceivers: 'to receive alone',
};
const mlines = (sdp) => sdp.match(/^(m=[a-z]+|a=mid:.*)/gm);

// In the page: an offer of these lines; the connection is kept to take the answer.
async function offer({ lines, config }) {
  const pc = (window.pc = new RTCPeerConnection(config));
  for (const line of lines) {
    if (line === 'data') {
      pc.createDataChannel('data');
      continue;
    }
    const [kind, direction, rids] = line;
    pc.addTransceiver(kind, { direction, ...(rids && { sendEncodings: rids.map((rid) => ({ rid })) }) });
  }
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
}

async function take(sdp) {
  const { pc } = window;
  await pc.setRemoteDescription({ type: 'answer', sdp });
  const result = {
    state: pc.signalingState,
    directions: pc.getTransceivers().map((x) => x.currentDirection),
  };
  pc.close();
  return result;
}

for (const [name, launchIt] of [['Chromium', launch], ['Firefox', launchFirefox]])
  test(`${name} takes rill's answer to what it offers`, async (t) => {
    const dir = tempDir(t);
    const page = await (await launchIt(t)).newPage();
    for (const [what, wanted] of Object.entries(offers))
      await t.test(what, async () => {
        const sdp = await page.evaluate(offer, wanted);
        const lint = run(['sdp', 'lint', '-'], sdp);
        assert.equal(lint.code, 0, lint.out);
        const answer = run(['sdp', 'answer', '-'], sdp);
        assert.equal(answer.code, 0, answer.err);
        const files = [join(dir, 'offer.sdp'), join(dir, 'answer.sdp')];
        writeFileSync(files[0], sdp);
        writeFileSync(files[1], answer.out);
        const diff = run(['sdp', 'diff', ...files]);
        assert.equal(diff.code, 0, diff.out);
        const own = run(['sdp', 'lint', files[1]]);
        assert.equal(own.code, 0, own.out);
        const { state, directions } = await page.evaluate(take, answer.out);
        assert.equal(state, 'stable');
        assert.deepEqual(directions, wanted.after, answer.err);
      });
    // What rill answers to the sample, the browser takes as the answer to such an offer of its own.
    const files = readdirSync(samples).filter((f) => f.startsWith(name.toLowerCase()) && f.includes('_offer_'));
    assert.equal(files.length, 8);
    for (const file of files)
      await t.test(file, async () => {
        const wanted = offers[kinds[/_offer_(.*?)(_gathered)?\.sdp$/.exec(file)[1]]];
        const sample = readFileSync(join(samples, file), 'utf8');
        const answer = run(['sdp', 'answer', join(samples, file)]);
        assert.equal(answer.code, 0, answer.err);
        const own = await page.evaluate(offer, wanted);
        assert.deepEqual(mlines(own), mlines(sample));
        const { state, directions } = await page.evaluate(take, answer.out);
        assert.equal(state, 'stable');
        assert.deepEqual(directions, wanted.after, answer.err);
      });
  });
