/* signaling: the vocabulary over a WebSocket, as docs/signaling.md tells it.
 *
 * An EventTarget: `open`, `gone`, `refused` (a refusal that ends the connection), `error` (one
 * that does not), and one event for each thing the server says, its arguments in `detail`.
 *
 * The server gives a token for this place in the room; after a connection that broke it is shown
 * again, and `place` tells whether all is as it was. What was said meanwhile is said then. */

const LONGEST_PAUSE = 8000;
const MOST_UNSAID = 128;

export class Signaling extends EventTarget {
  #socket = null;
  #acks = new Map();
  #nextAck = 1;
  #pause = 500;
  #timer = null;
  #token = '';
  #unsaid = []; /* since the connection broke */

  constructor({ userName, password, room }) {
    super();
    this.auth = { userName, password, room };
    this.isOpen = false;
  }

  connect() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#pause = 500;
      this.isOpen = true;
      this.#send('auth', { ...this.auth, resume: this.#token });
      this.#tell('open');
    };
    socket.onmessage = (event) => this.#take(event.data);
    socket.onclose = () => this.#lost(socket);
  }

  /* Leaves for good: the server withdraws what was offered. */
  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.isOpen = false;
    this.#failAcks();
    socket?.close(1000);
  }

  newOffer(offer) {
    return this.#emit('newOffer', { type: offer.type, sdp: offer.sdp });
  }

  /* A promise of the candidates that the server held for the answerer. */
  newAnswer(offerObj) {
    return new Promise((resolve, reject) => {
      const ack = this.#nextAck++;
      const message = ['newAnswer', offerObj, { ack }];
      if (!this.#emit(...message))
        reject(new Error('the server is gone'));
      else
        this.#acks.set(ack, { resolve, reject, message });
    });
  }

  candidate(iceCandidate, didIOffer) {
    const iceUserName = this.auth.userName;
    return this.#emit('sendIceCandidateToSignalingServer', { iceCandidate, iceUserName, didIOffer });
  }

  #send(...message) {
    this.#socket.send(JSON.stringify(message));
  }

  #emit(...message) {
    if (this.isOpen)
      this.#send(...message);
    else if (this.#token && this.#unsaid.length < MOST_UNSAID)
      this.#unsaid.push(message);
    else
      return false;
    return true;
  }

  /* An answer whose acknowledgement never came is said again: the server knows it for the same. */
  #placed({ token, resumed }) {
    const isFirst = !this.#token;
    this.#token = token;
    const unsaid = this.#unsaid.splice(0);
    if (resumed) {
      for (const { message } of this.#acks.values())
        this.#send(...message);
      for (const message of unsaid.filter((m) => m[0] !== 'newAnswer'))
        this.#send(...message);
    } else {
      this.#failAcks();
    }
    this.#tell('place', { resumed, isFirst });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #take(text) {
    const [event, ...args] = JSON.parse(text);
    if (event === 'ack')
      this.#acknowledged(...args);
    else if (event === 'error')
      this.#refused(...args);
    else if (event === 'place')
      this.#placed(...args);
    else
      this.#tell(event, args[0]);
  }

  #acknowledged(n, candidates = []) {
    this.#acks.get(n)?.resolve(candidates);
    this.#acks.delete(n);
  }

  /* The server answers in order, so a refusal while an answer waits is the answer's. */
  #refused(name, sentence, { stays }) {
    const error = Object.assign(new Error(sentence), { code: name });
    if (!stays) {
      this.close();
      this.#tell('refused', error);
    } else if (this.#acks.size && /NO_OFFER|ANSWERED|OWN_OFFER|FULL/.test(name)) {
      this.#failAcks(error);
    } else {
      this.#tell('error', error);
    }
  }

  #failAcks(error = new Error('the server is gone')) {
    for (const { reject } of this.#acks.values())
      reject(error);
    this.#acks.clear();
  }

  #lost(socket) {
    if (socket !== this.#socket)
      return;
    this.isOpen = false;
    if (!this.#token)
      this.#failAcks();
    this.#tell('gone');
    this.#timer = setTimeout(() => this.connect(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }
}
