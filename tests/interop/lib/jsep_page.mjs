// A browser's side of a call that changes: webrtc-pc's "perfect negotiation" over rill's signaling,
// and a watch over what is decoded. Works in any page of the server's origin, Chromium's or Firefox's.

// Runs in the page.
function install({ url, name, polite, config, room, bundles }) {
  const said = [];
  const pc = new RTCPeerConnection(config);
  const me = { pc, said, polite, held: null, gaps: {}, makingOffer: false, crossed: 0, hold: false };
  const ws = new WebSocket(url);
  const say = (...message) => ws.send(JSON.stringify(message));
  me.ready = new Promise((ok, fail) => {
    ws.onopen = () => { say('auth', { userName: name, password: '', room }); ok(); };
    ws.onerror = () => fail(new Error('the signaling server does not answer'));
  });
  me.change = (sdp) => sdp; // what becomes of an offer on its way
  me.changeTheirs = (sdp) => (bundles ? sdp : sdp.replace(/a=group:BUNDLE.*\r\n/, ''));
  me.changeAnswer = (sdp) => sdp;
  let acks = 0;
  me.offer = async () => {
    me.makingOffer = true;
    try {
      await pc.setLocalDescription();
      say('newOffer', { type: 'offer', sdp: me.change(pc.localDescription.sdp) });
    } finally {
      me.makingOffer = false;
    }
  };
  // A picture of ours beside each of theirs.
  const sendBack = async () => {
    for (const t of pc.getTransceivers())
      if (t.receiver.track.kind === 'video' && !t.sender.track && !t.stopped && !t.currentDirection) {
        t.direction = 'sendrecv';
        await t.sender.replaceTrack(await me.track('video', me.small));
      }
  };
  me.takeOffer = async (o) => {
    const collision = me.makingOffer || pc.signalingState !== 'stable';
    me.crossed += collision;
    if (collision && !me.polite) return;
    await pc.setRemoteDescription({ type: 'offer', sdp: me.changeTheirs(o.offer.sdp) });
    for (const c of o.offerIceCandidates) await pc.addIceCandidate(c);
    if (me.sendBack) await sendBack();
    await pc.setLocalDescription();
    said.push('answered');
    say('newAnswer', { ...o, answererUserName: name, answer: { type: 'answer', sdp: me.changeAnswer(pc.localDescription.sdp) } }, { ack: ++acks });
  };
  const handlers = {
    newOfferAwaiting: async ([o]) => (me.onOffer ? me.onOffer(o) : me.takeOffer(o)),
    availableOffers: async ([o]) => handlers.newOfferAwaiting([o]),
    answerResponse: async (o) => {
      if (pc.signalingState !== 'have-local-offer') return;
      await pc.setRemoteDescription(o.answer);
      said.push('agreed');
    },
    receivedIceCandidateFromServer: async (c) => pc.remoteDescription && pc.addIceCandidate(c),
    ack: async (n, list) => { for (const c of list ?? []) await pc.addIceCandidate(c); },
    error: async (...what) => said.push(`error: ${what.join(' ')}`),
  };
  let chain = Promise.resolve();
  ws.onmessage = ({ data }) => {
    const [event, ...rest] = JSON.parse(data);
    chain = chain.then(() => handlers[event]?.(...rest)).catch((e) => said.push(`error: ${event}: ${e.message}`));
  };
  // Both decode nothing that nobody listens to or looks at.
  pc.ontrack = ({ track }) => {
    const element = document.createElement(track.kind);
    element.srcObject = new MediaStream([track]);
    element.muted = track.kind === 'video';
    document.body.append(element);
    element.play();
  };
  // After the first answer no candidate is new, but those of a restart; all m-lines that bundle
  // share them then.
  const isNew = ({ sdpMLineIndex }) => !bundles || !pc.currentRemoteDescription || (me.restarts && sdpMLineIndex === 0);
  pc.onicecandidate = ({ candidate }) => candidate && isNew(candidate) && say('sendIceCandidateToSignalingServer',
    { iceCandidate: candidate, iceUserName: name, didIOffer: me.iOffered });
  me.negotiate = async () => {
    const before = said.length;
    await me.offer();
    const end = performance.now() + 15000;
    while (!said.slice(before).includes('agreed')) {
      if (performance.now() > end) throw new Error(`no answer: ${said.join('; ')} ${pc.signalingState}`);
      await new Promise((ok) => setTimeout(ok, 20));
    }
  };
  me.track = async (kind, how = true) => (await navigator.mediaDevices.getUserMedia({ [kind]: how })).getTracks()[0];
  // A sound that a coder takes for a voice: noise in syllables, four a second.
  me.babble = () => {
    const audio = new AudioContext({ sampleRate: 48000 });
    const second = audio.createBuffer(1, 48000, 48000);
    const samples = second.getChannelData(0);
    samples.forEach((_, i) => { samples[i] = (i % 12000 < 6000 ? 0.5 : 0.002) * (i % 300 < 100 ? 1 : 0.1) * (2 * Math.random() - 1); });
    const [source, out] = [audio.createBufferSource(), audio.createMediaStreamDestination()];
    Object.assign(source, { buffer: second, loop: true });
    source.connect(out);
    source.start();
    return out.stream.getTracks()[0];
  };
  me.small = { width: 160, height: 120, frameRate: 15 }; // where there are many, or little time
  // What has been decoded of each inbound stream, by the mid of its transceiver.
  me.decoded = async () => {
    const out = {};
    for (const t of pc.getTransceivers()) {
      if (t.mid === null || !t.receiver) continue;
      for (const s of (await t.receiver.getStats()).values())
        if (s.type === 'inbound-rtp')
          out[t.mid] = s.kind === 'video' ? s.framesDecoded ?? 0 : (s.totalSamplesReceived ?? s.packetsReceived) - (s.concealedSamples ?? 0);
    }
    return out;
  };
  me.flows = async (mids, ms = 15000) => {
    const before = await me.decoded();
    const end = performance.now() + ms;
    for (;;) {
      const now = await me.decoded();
      if (mids.every((m) => (now[m] ?? 0) > (before[m] ?? 0) + 3)) return now;
      if (performance.now() > end) throw new Error(`nothing new of ${mids}: ${JSON.stringify([before, now])}`);
      await new Promise((ok) => setTimeout(ok, 50));
    }
  };
  // The longest time without anything new of a stream, from now on; 20 ms is how often we look.
  const watches = [];
  me.watch = (mid) => {
    let last = performance.now(), count = -1;
    me.gaps[mid] = 0;
    const timer = setInterval(async () => {
      const n = (await me.decoded())[mid] ?? 0;
      const now = performance.now();
      if (n !== count) last = now;
      else me.gaps[mid] = Math.max(me.gaps[mid], now - last);
      count = n;
    }, 20);
    watches.push(timer);
  };
  me.unwatch = () => watches.forEach(clearInterval);
  me.ufrags = () => [pc.localDescription, pc.remoteDescription].map((d) => /a=ice-ufrag:(\S+)/.exec(d.sdp)[1]);
  // Both sides' fragments before and after.
  me.restartIce = async () => {
    const before = me.ufrags();
    me.restarts = true;
    pc.restartIce();
    await me.negotiate();
    for (const end = performance.now() + 10000; !['connected', 'completed'].includes(pc.iceConnectionState);) {
      if (performance.now() > end) throw new Error(`ICE is ${pc.iceConnectionState}`);
      await new Promise((ok) => setTimeout(ok, 20));
    }
    return [before, me.ufrags()];
  };
  me.mlines = () => pc.localDescription.sdp.split('\r\n').filter((l) => l.startsWith('m=')).map((l) => Number(l.split(' ')[1]));
  me.directions = () => pc.getTransceivers().map((t) => t.currentDirection);
  window.me = me;
}

// The page must be one of the server's origin; gives an object whose do() runs a function there.
export async function jsepPage(page, server, name, polite = true, config = {}, room = '', bundles = true) {
  await page.goto(new URL('nothing', server.url).href);
  const url = server.url.replace(/^http/, 'ws').replace(/\/?$/, '/ws');
  await page.evaluate(install, { url, name, polite, config, room, bundles });
  await page.evaluate(() => window.me.ready);
  return { do: (f, ...args) => page.evaluate(f, ...args) };
}
