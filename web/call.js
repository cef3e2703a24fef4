/* call: one RTCPeerConnection from its first step to its last.
 *
 * An EventTarget: `track`, `connected`, `trouble` (it may come back), `failed` and `ended`. It
 * lights its own steps; who the other side is and what the page shows is not its business. */

import { light, lightThere } from './steps.js';

/* The STUN server that runs beside the page's own server, if there is one. */
async function iceServers() {
  const reply = await fetch('/config.json', { cache: 'no-store' });
  const { stun } = reply.ok ? await reply.json() : { stun: null };
  return stun ? [{ urls: `stun:${location.hostname}:${stun}` }] : [];
}

export class Call extends EventTarget {
  #signaling;
  #isOfferer;
  #described = false; /* our description has been sent */
  #waitingOut = [];   /* our candidates until then */
  #waitingIn = [];    /* the other side's until there is a remote description */
  #over = false;

  constructor(signaling, isOfferer) {
    super();
    this.#signaling = signaling;
    this.#isOfferer = isOfferer;
    this.pc = null;
    this.localStream = null;
    this.remoteStream = null;
  }

  /* Steps 1 to 9. */
  async offer(onLocalStream) {
    await this.#capture(1, onLocalStream);
    await this.#makeConnection();
    light(2);
    light(3);
    this.#addTracks(4);
    const offer = await this.pc.createOffer();
    light(5);
    await this.pc.setLocalDescription(offer);
    light(6);
    if (!this.#signaling.newOffer(offer))
      throw new Error('the server is gone');
    light(8);
    this.#sendWaiting();
  }

  /* Steps 12 to 21. */
  async answer(offerObj, onLocalStream) {
    await this.#capture(12, onLocalStream);
    await this.#makeConnection();
    light(13);
    this.#addTracks(14);
    await this.pc.setRemoteDescription(offerObj.offer);
    light(17);
    const answer = await this.pc.createAnswer();
    light(15);
    await this.pc.setLocalDescription(answer);
    light(16);
    const reply = this.#signaling.newAnswer({ ...offerObj, answer: { type: answer.type, sdp: answer.sdp } });
    light(19);
    this.#sendWaiting();
    const held = await reply;
    light(20);
    lightThere(21);
    if (held.length)
      lightThere(7, 9);
    for (const candidate of held)
      await this.#add(candidate);
    await this.#addWaiting();
  }

  /* Step 22. */
  async answered(offerObj) {
    await this.pc.setRemoteDescription(offerObj.answer);
    light(22);
    await this.#addWaiting();
  }

  async candidate(candidate) {
    if (!this.pc || !this.pc.remoteDescription)
      this.#waitingIn.push(candidate);
    else
      await this.#add(candidate);
  }

  close() {
    this.#over = true;
    this.pc?.close();
    for (const track of this.localStream?.getTracks() ?? [])
      track.stop();
  }

  async #capture(step, onLocalStream) {
    if (!navigator.mediaDevices)
      throw new DOMException('no devices in an insecure page', 'SecurityError');
    const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
    if (this.#over) {
      stream.getTracks().forEach((track) => track.stop());
      throw new DOMException('hung up', 'AbortError');
    }
    this.localStream = stream;
    light(step);
    onLocalStream(stream);
  }

  async #makeConnection() {
    const servers = await iceServers();
    if (this.#over)
      throw new DOMException('hung up', 'AbortError');
    const pc = new RTCPeerConnection({ iceServers: servers });
    this.pc = pc;
    pc.onicecandidate = ({ candidate }) => candidate && this.#gathered(candidate);
    pc.ontrack = (event) => this.#arrived(event);
    pc.onconnectionstatechange = () => this.#changed();
  }

  #addTracks(step) {
    for (const track of this.localStream.getTracks())
      this.pc.addTrack(track, this.localStream);
    light(step);
  }

  #gathered(candidate) {
    light(this.#isOfferer ? 7 : 18);
    this.#waitingOut.push(candidate.toJSON());
    if (this.#described)
      this.#sendWaiting();
  }

  #sendWaiting() {
    this.#described = true;
    for (const candidate of this.#waitingOut.splice(0))
      if (this.#signaling.candidate(candidate, this.#isOfferer) && this.#isOfferer)
        light(9);
  }

  async #addWaiting() {
    for (const candidate of this.#waitingIn.splice(0))
      await this.#add(candidate);
  }

  /* One that the browser cannot use costs nothing but itself. */
  async #add(candidate) {
    try {
      await this.pc.addIceCandidate(candidate);
    } catch (error) {
      console.warn('a candidate was not taken:', error.message, candidate);
    }
  }

  /* A sender may name no stream; then its tracks make one. */
  #arrived({ track, streams }) {
    if (streams[0]) {
      this.remoteStream = streams[0];
    } else {
      this.remoteStream ??= new MediaStream();
      this.remoteStream.addTrack(track);
    }
    this.dispatchEvent(new CustomEvent('track', { detail: this.remoteStream }));
  }

  /* A side that hangs up says close_notify; that ends the DTLS transport at once, while the
   * connection's own state only follows when its checks have run out. */
  #watchGoodbye() {
    for (const { receiver } of this.pc.getTransceivers()) {
      const transport = receiver.transport;
      if (transport)
        transport.onstatechange = () => {
          if (transport.state === 'closed' && !this.#over)
            this.dispatchEvent(new Event('ended'));
        };
    }
  }

  #changed() {
    if (this.pc.connectionState === 'connected')
      this.#watchGoodbye();
    const names = { connected: 'connected', disconnected: 'trouble', failed: 'failed', closed: 'ended' };
    const name = names[this.pc.connectionState];
    if (name && !this.#over)
      this.dispatchEvent(new Event(name));
  }
}
