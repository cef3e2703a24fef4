// A signaling server of the vocabulary on Node's own socket.io, as a course would write it.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Server } from 'socket.io';

const www = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../www');
const types = { '.html': 'text/html', '.js': 'text/javascript' };

function serveFile(request, response) {
  const path = new URL(request.url, 'http://x').pathname;
  const file = path === '/' ? '/index.html' : path;
  if (!/^\/[a-z]+\.[a-z]+$/.test(file)) return response.writeHead(404).end();
  try {
    const bytes = readFileSync(join(www, file));
    response.writeHead(200, { 'Content-Type': types[extname(file)] }).end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

function vocabulary(io) {
  const offers = [];
  const people = new Map();
  io.on('connection', (socket) => {
    const { userName, password } = socket.handshake.auth;
    if (password && password !== 'x') return socket.disconnect(true);
    people.set(userName, socket);
    if (offers.length) socket.emit('availableOffers', offers);
    socket.on('newOffer', (offer) => {
      offers.push({ offererUserName: userName, offer, offerIceCandidates: [], answererUserName: null, answer: null, answererIceCandidates: [] });
      socket.broadcast.emit('newOfferAwaiting', offers.slice(-1));
    });
    socket.on('newAnswer', (answered, ack) => {
      const held = offers.find((o) => o.offererUserName === answered.offererUserName);
      if (!held) return;
      ack(held.offerIceCandidates);
      held.answer = answered.answer;
      held.answererUserName = userName;
      people.get(held.offererUserName).emit('answerResponse', held);
    });
    socket.on('sendIceCandidateToSignalingServer', ({ iceCandidate, iceUserName, didIOffer }) => {
      const held = offers.find((o) => (didIOffer ? o.offererUserName : o.answererUserName) === iceUserName);
      if (!held) return;
      if (didIOffer) held.offerIceCandidates.push(iceCandidate);
      const to = didIOffer ? held.answererUserName : held.offererUserName;
      if (to) people.get(to)?.emit('receivedIceCandidateFromServer', iceCandidate);
    });
  });
}

export async function startSocketio(options = {}, tls = null) {
  const http = tls ? createTlsServer(tls, serveFile) : createServer(serveFile);
  const io = new Server(http, options);
  vocabulary(io);
  const connections = new Set();
  http.on('connection', (c) => {
    connections.add(c);
    c.on('close', () => connections.delete(c));
  });
  await new Promise((done) => http.listen(0, '127.0.0.1', done));
  // A page that still lives connects anew over a connection it kept, which close() would wait for without end.
  const close = () => {
    const closed = io.close();
    for (const c of connections) c.destroy();
    return closed;
  };
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${http.address().port}/`, io, close };
}

// Gives its URL; it ends with the test. With tls, {cert, key}, it speaks https.
export async function socketioServer(t, options = {}, tls = null) {
  const { url, io, close } = await startSocketio(options, tls);
  t.after(close);
  return { url, io };
}
