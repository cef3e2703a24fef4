// A stranger between two rills: it answers the one and offers to the other, and may change what it
// passes on. Their datagrams go straight from one to the other.
import { call, tempDir } from './rill.mjs';
import { WebSocketClient } from './websocket.mjs';

async function join(t, server, room) {
  const ws = await WebSocketClient.open(t, server.url);
  ws.say('auth', { userName: 'stranger', room });
  return ws;
}

// Two calls through the stranger: changeOffer and changeAnswer take an SDP and give another,
// changeCandidate a candidate line of either side (null: it is kept back). options: of both, or by role.
export async function bridge(t, server, { changeOffer = (x) => x, changeAnswer = (x) => x, changeCandidate = (x) => x, options = ['-t', '1'] } = {}) {
  const start = (name, role) => call(t, { ...server, url: `${server.url}?room=${name}` }, name, '--as', role, ...(options[role] ?? options), '-o', tempDir(t));
  const [left, right] = [await join(t, server, 'left'), await join(t, server, 'right')];
  const a = start('left', 'offerer');
  const b = start('right', 'answerer');
  await server.process.event((e) => e.event === 'join' && e.user === 'right');

  const [, [offer]] = await left.event('newOfferAwaiting', 10000);
  const pass = (to, didIOffer) => async (candidate) => {
    const line = await changeCandidate(candidate.candidate);
    if (line !== null && !to.over) to.say('sendIceCandidateToSignalingServer', { iceCandidate: { ...candidate, candidate: line }, iceUserName: 'stranger', didIOffer });
  };
  const listen = async (from, give) => {
    for (;;) {
      const [name, candidate] = await from.message(60000);
      if (name === 'receivedIceCandidateFromServer') give(candidate);
    }
  };
  right.say('newOffer', { type: 'offer', sdp: changeOffer(offer.offer.sdp) });
  const answered = right.event('answerResponse', 20000).then(async ([, { answer }]) => {
    left.say('newAnswer', { ...offer, answer: { type: 'answer', sdp: changeAnswer(answer.sdp) }, answererUserName: 'stranger' }, { ack: 1 });
    const [, , held] = await left.event('ack');
    held.forEach(pass(right, true));
    listen(left, pass(right, true)).catch(() => {});
    listen(right, pass(left, false)).catch(() => {});
  });
  answered.catch(() => {});
  return { a, b };
}
