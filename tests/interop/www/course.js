// A page as people write it in a course on WebRTC: the server's URL stands in it, its user has a
// random name, and remote tracks are put into a stream of its own.
const userName = `user-${Math.floor(Math.random() * 100000)}`;
const socket = io.connect('https://localhost:8181/', { auth: { userName, password: 'x' } });

const localVideo = document.querySelector('#local-video');
const remoteVideo = document.querySelector('#remote-video');
const show = (state) => { document.documentElement.dataset.state = state; };

let peerConnection;
let didIOffer = false;
window.rill = { get pc() { return peerConnection; }, socket };

const prepare = async (held) => {
  const localStream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  localVideo.srcObject = localStream;
  const remoteStream = new MediaStream();
  remoteVideo.srcObject = remoteStream;
  peerConnection = new RTCPeerConnection();
  localStream.getTracks().forEach((track) => peerConnection.addTrack(track, localStream));
  peerConnection.addEventListener('icecandidate', (e) => {
    if (e.candidate) socket.emit('sendIceCandidateToSignalingServer', { iceCandidate: e.candidate, iceUserName: userName, didIOffer });
  });
  peerConnection.addEventListener('track', (e) => {
    e.streams[0].getTracks().forEach((track) => remoteStream.addTrack(track, remoteStream));
  });
  peerConnection.addEventListener('connectionstatechange', () => show(peerConnection.connectionState));
  if (held) await peerConnection.setRemoteDescription(held.offer);
};

const call = async () => {
  await prepare();
  const offer = await peerConnection.createOffer();
  await peerConnection.setLocalDescription(offer);
  didIOffer = true;
  socket.emit('newOffer', offer);
  show('calling');
};

const answer = async (held) => {
  await prepare(held);
  const description = await peerConnection.createAnswer({});
  await peerConnection.setLocalDescription(description);
  held.answer = description;
  const candidates = await socket.emitWithAck('newAnswer', held);
  candidates.forEach((c) => peerConnection.addIceCandidate(c));
};

const offersCame = (offers) => {
  offers.forEach((o) => {
    const button = document.createElement('button');
    button.textContent = `Answer ${o.offererUserName}`;
    button.addEventListener('click', () => answer(o));
    document.querySelector('#answer').appendChild(button);
  });
};

socket.on('connect', () => show('here'));
socket.on('availableOffers', offersCame);
socket.on('newOfferAwaiting', offersCame);
socket.on('answerResponse', (o) => peerConnection.setRemoteDescription(o.answer));
socket.on('receivedIceCandidateFromServer', (c) => peerConnection.addIceCandidate(c));
document.querySelector('#call').addEventListener('click', call);
