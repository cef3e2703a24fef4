// The two kinds of end of a call: a page of Chromium's, and rill. Each gives and takes whole descriptions, with one
// address in them, and says what it has received so far.
import { Process } from '../../tests/interop/lib/rill.mjs';
import { WebSocketClient } from '../../tests/interop/lib/websocket.mjs';

const candidate = /^candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host/i;

// The loopback address of those that were gathered: its port, and the description without any.
function bare(sdp, lines) {
  const [, port] = lines.map((l) => candidate.exec(l)).find(Boolean) ?? [];
  if (!port) throw new Error(`no loopback candidate in:\n${lines.join('\n')}`);
  return { sdp: sdp.replace(/^a=(candidate|end-of-candidates).*\r\n/gm, ''), port: Number(port) };
}

// The description with one candidate, at this port.
export function through(sdp, port) {
  return sdp.replace(/^(m=.*\r\n(?:c=.*\r\n)?)/m, `$1a=candidate:1 1 udp 2130706431 127.0.0.1 ${port} typ host\r\n`);
}

function inPage() {
  const pc = new RTCPeerConnection();
  const me = { pc };
  pc.ontrack = ({ track }) => {
    const element = document.createElement(track.kind);
    element.srcObject = new MediaStream([track]);
    element.muted = track.kind === 'video';
    document.body.append(element);
    element.play();
  };
  me.described = async () => {
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete') await new Promise((ok) => setTimeout(ok, 20));
    const { sdp } = pc.localDescription;
    return [sdp, sdp.split('\r\n').filter((l) => l.startsWith('a=candidate')).map((l) => l.slice(2))];
  };
  me.send = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 480, frameRate: 30 } });
    for (const t of stream.getTracks()) pc.addTransceiver(t, { direction: 'sendonly', streams: [stream] });
  };
  me.stats = async (type) => {
    const out = {};
    for (const s of (await pc.getStats()).values())
      if (s.type === type) out[s.kind] = { ...s };
    return out;
  };
  window.me = me;
}

export async function pageEnd(context, url, sends) {
  const page = await context.newPage();
  await page.goto(url);
  await page.evaluate(inPage);
  if (sends) await page.evaluate(() => window.me.send());
  const described = async () => bare(...await page.evaluate(() => window.me.described()));
  return {
    offer: described,
    answer: async (sdp) => {
      await page.evaluate((text) => window.me.pc.setRemoteDescription({ type: 'offer', sdp: text }), sdp);
      return described();
    },
    accept: (sdp) => page.evaluate((text) => window.me.pc.setRemoteDescription({ type: 'answer', sdp: text }), sdp),
    received: async () => figures(await page.evaluate(() => window.me.stats('inbound-rtp'))),
    sent: () => page.evaluate(() => window.me.stats('outbound-rtp')),
    state: () => page.evaluate(() => [window.me.pc.connectionState, window.me.pc.iceConnectionState]),
    look: () => page.bringToFront(),
    close: () => page.close(),
  };
}

// What the W3C's statistics say of the streams that come; delays are sums, of seconds.
function figures({ video = {}, audio = {} }) {
  return {
    frames: video.framesDecoded ?? 0, freezes: video.freezeCount ?? 0, frozen: video.totalFreezesDuration ?? 0, width: video.frameWidth,
    pictureDelay: video.totalProcessingDelay ?? 0, soundDelay: audio.jitterBufferDelay ?? 0, soundEmitted: audio.jitterBufferEmittedCount ?? 0,
    concealed: audio.concealedSamples ?? 0, samples: audio.totalSamplesReceived ?? 0,
  };
}

// rill's, by kind.
function rillStats({ stats = {} }, type) {
  return Object.fromEntries(Object.values(stats).filter((s) => s.type === type).map((s) => [s.kind, s]));
}

// Signaling goes through rill's own server, where a stranger stands for the other end.
export async function rillEnd(t, server, role, options) {
  const other = await WebSocketClient.open(t, server.url);
  other.say('auth', { userName: 'other', room: role });
  const rill = new Process(t, ['call', '--json', '--changes', '--ice-loopback', '--name', 'rill', '--as', role, ...options,
    `${server.url}?room=${role}`]);
  const lines = [];
  const gathered = async (first) => {
    lines.push(...first.map((c) => c.candidate));
    for (const end = Date.now() + 5000; !lines.some((l) => candidate.test(l)) && Date.now() < end;) {
      const [name, c] = await other.message(5000);
      if (name === 'receivedIceCandidateFromServer') lines.push(c.candidate);
    }
    return lines;
  };
  let offered;
  return {
    // Its candidates come to who answers; until then its port is not known, and need not be: it is who sends first.
    offer: async () => {
      [, [offered]] = await other.event('newOfferAwaiting', 10000);
      return { sdp: offered.offer.sdp };
    },
    answer: async (sdp) => {
      other.say('newOffer', { type: 'offer', sdp });
      const [, o] = await other.event('answerResponse', 10000);
      return bare(o.answer.sdp, await gathered(o.answererIceCandidates ?? []));
    },
    accept: async (sdp) => {
      other.say('newAnswer', { ...offered, answer: { type: 'answer', sdp }, answererUserName: 'other' }, { ack: 1 });
    },
    received: async () => {
      await rill.event((e) => e.event === 'connection' && e.value === 'connected', 15000);
      return figures(rillStats(await rill.says('stats', (e) => e.event === 'stats'), 'inbound-rtp'));
    },
    sent: async () => rillStats(await rill.says('stats', (e) => e.event === 'stats'), 'outbound-rtp'),
    state: async () => rill.events.slice(-6),
    look: async () => {},
    close: () => rill.stop(),
  };
}
