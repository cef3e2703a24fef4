/* signaling: the vocabulary over a WebSocket, as docs/signaling.md tells it.
 *
 * An EventTarget: `open`, `gone`, `refused` (a refusal that ends the connection), `error` (one
 * that does not), and one event for each thing the server says, its arguments in `detail`. */

const LONGEST_PAUSE = 8000;

export class Signaling extends EventTarget {
  #socket = null;
  #acks = new Map();
  #nextAck = 1;
  #pause = 500;
  #timer = null;

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
      this.#emit('auth', this.auth);
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
      if (!this.#emit('newAnswer', offerObj, { ack }))
        reject(new Error('the server is gone'));
      else
        this.#acks.set(ack, { resolve, reject });
    });
  }

  candidate(iceCandidate, didIOffer) {
    const iceUserName = this.auth.userName;
    return this.#emit('sendIceCandidateToSignalingServer', { iceCandidate, iceUserName, didIOffer });
  }

  #emit(...message) {
    if (!this.isOpen)
      return false;
    this.#socket.send(JSON.stringify(message));
    return true;
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
    this.#failAcks();
    this.#tell('gone');
    this.#timer = setTimeout(() => this.connect(), this.#pause);
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }
}
