// The smallest page that makes a call with socket.io-client and the vocabulary of docs/signaling.md.
// ?name=ann&as=offerer|answerer&transport=polling
const query = new URLSearchParams(location.search);
const name = query.get('name');
const offers = query.get('as') === 'offerer';
const options = { auth: { userName: name, password: query.get('password') ?? '' } };
if (query.get('transport')) options.transports = [query.get('transport')];
const show = (state) => { document.documentElement.dataset.state = state; };

window.rill = { pc: null, socket: null };

async function media(pc) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 }, audio: true });
  document.querySelector('#local').srcObject = stream;
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
}

function peer(socket) {
  const pc = new RTCPeerConnection();
  window.rill.pc = pc;
  pc.onicecandidate = (e) => {
    if (e.candidate) socket.emit('sendIceCandidateToSignalingServer', { iceCandidate: e.candidate, iceUserName: name, didIOffer: offers });
  };
  pc.ontrack = (e) => { document.querySelector('#remote').srcObject = e.streams[0]; };
  pc.onconnectionstatechange = () => show(pc.connectionState);
  socket.on('receivedIceCandidateFromServer', (c) => pc.addIceCandidate(c));
  return pc;
}

async function offer(socket) {
  const pc = peer(socket);
  await media(pc);
  socket.on('answerResponse', (o) => pc.setRemoteDescription(o.answer));
  await pc.setLocalDescription(await pc.createOffer());
  socket.emit('newOffer', pc.localDescription);
  show('calling');
}

async function answer(socket, held) {
  const pc = peer(socket);
  await media(pc);
  await pc.setRemoteDescription(held.offer);
  const description = await pc.createAnswer();
  const candidates = await socket.emitWithAck('newAnswer', { ...held, answer: description });
  await pc.setLocalDescription(description);
  for (const c of candidates) await pc.addIceCandidate(c);
}

const socket = io(options);
window.rill.socket = socket;
socket.on('connect', () => {
  if (offers) offer(socket);
  else show('waiting');
});
let answered = false;
for (const event of ['availableOffers', 'newOfferAwaiting']) {
  socket.on(event, (list) => {
    if (offers || answered || !list.length) return;
    answered = true;
    answer(socket, list[0]);
  });
}
socket.on('disconnect', (reason) => { if (!window.rill.pc) show(`disconnected: ${reason}`); });
