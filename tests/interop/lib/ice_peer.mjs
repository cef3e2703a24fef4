// The other side of a call, in a test's hands: it signals as a page would and speaks ICE datagram by
// datagram, so that rill can be told anything, right or wrong. It knows no media.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as stun from './stun.mjs';
import { WebSocketClient } from './websocket.mjs';

export const sleep = (ms) => new Promise((ok) => setTimeout(ok, ms));

// A UDP socket that keeps what came: {bytes, from, at (ms), stun (null when it is none)}.
export class Udp {
  static async open(t, address = '127.0.0.1') {
    const u = new Udp();
    u.got = [];
    u.waiting = [];
    u.socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    u.socket.on('message', (bytes, from) => u.take(bytes, from));
    u.socket.bind(0, address);
    await once(u.socket, 'listening');
    u.address = address;
    u.port = u.socket.address().port;
    t.after(() => u.socket.close());
    return u;
  }

  take(bytes, from) {
    const d = { bytes, from, at: performance.now(), stun: stun.parse(bytes) };
    this.got.push(d);
    this.onDatagram?.(d);
    this.waiting = this.waiting.filter((w) => !w(d));
  }

  send(bytes, to) {
    this.socket.send(bytes, to.port, to.address);
  }

  // The first datagram, past or to come, that the test holds for; undefined after ms.
  find(test, ms = 3000) {
    const past = this.got.find(test);
    if (past) return Promise.resolve(past);
    return new Promise((ok) => {
      const timer = setTimeout(() => ok(undefined), ms);
      this.waiting.push((d) => test(d) && (clearTimeout(timer), ok(d), true));
    });
  }

  // The answer to this message, undefined when there is none.
  async ask(message, to, ms = 400) {
    const txid = message.toString('hex', 8, 20);
    this.send(message, to);
    return (await this.find((d) => d.stun?.txid === txid && d.stun.cls !== stun.REQUEST, ms))?.stun;
  }

  checks() {
    return this.got.filter((d) => d.stun?.cls === stun.REQUEST);
  }
}

const attribute = (sdp, name) => new RegExp(`^a=${name}:(.*?)\r?$`, 'm').exec(sdp)?.[1];

// A candidate line's transport address.
export function target(line) {
  const [, , transport, , address, port, , type] = line.replace(/^candidate:/, '').split(' ');
  return { transport: transport.toLowerCase(), address, port: Number(port), type };
}

export class IcePeer {
  constructor(ws, name) {
    this.ws = ws;
    this.name = name;
    this.ufrag = randomBytes(4).toString('hex');
    this.pwd = randomBytes(16).toString('hex');
    this.lines = [];
  }

  static async join(t, server, name) {
    const ws = await WebSocketClient.open(t, server.url);
    const peer = new IcePeer(ws, name);
    ws.say('auth', { userName: name });
    return peer;
  }

  // Reads the other side's description and candidates.
  know(sdp, candidates) {
    this.remote = { sdp, ufrag: attribute(sdp, 'ice-ufrag'), pwd: attribute(sdp, 'ice-pwd') };
    for (const c of [...sdp.matchAll(/^a=(candidate:.*?)\r?$/gm)].map((m) => m[1]).concat(candidates)) this.lines.push(c);
  }

  // The first of rill's addresses that the test holds for, once it was told.
  async at(test = (c) => c.transport === 'udp' && c.address === '127.0.0.1') {
    for (;;) {
      const found = this.lines.filter(Boolean).map(target).find(test);
      if (found) return found;
      const [, c] = await this.ws.event('receivedIceCandidateFromServer');
      this.lines.push(c.candidate);
    }
  }

  // Takes the offer that waits or comes, and answers it as the DTLS client.
  async answer(candidates) {
    const [name, ...rest] = await this.ws.message();
    const offers = rest[0];
    if (name !== 'availableOffers' && name !== 'newOfferAwaiting') throw new Error(name);
    const offer = offers[0];
    this.know(offer.offer.sdp, []);
    const sdp = this.describe('active', candidates);
    this.ws.say('newAnswer', { ...offer, answer: { type: 'answer', sdp }, answererUserName: this.name }, { ack: 1 });
    const [, , held] = await this.ws.event('ack');
    for (const c of held) this.lines.push(c.candidate);
  }

  // Makes the very offer that rill makes, with other names; gives what rill answers.
  async offer(sdp, candidates) {
    this.remote = { sdp };
    this.ws.say('newOffer', { type: 'offer', sdp: this.describe('actpass', candidates) });
    const [, { answer }] = await this.ws.event('answerResponse', 10000);
    this.know(answer.sdp, []);
  }

  // The other side's description, with our names in it.
  describe(setup, candidates) {
    const own = candidates.map((u, i) => `a=candidate:${i + 1} 1 udp ${2130706431 - i} ${u.address} ${u.port} typ host\r\n`).join('');
    let first = true;
    return this.remote.sdp
      .replace(/^a=(candidate:.*|end-of-candidates|ssrc.*|msid.*)\r?\n/gm, '')
      .replace(/^a=ice-ufrag:.*\r?\n/gm, `a=ice-ufrag:${this.ufrag}\r\n`)
      .replace(/^a=ice-pwd:.*\r?\n/gm, () => `a=ice-pwd:${this.pwd}\r\n${first ? ((first = false), own) : ''}`)
      .replace(/^a=setup:.*\r?\n/gm, `a=setup:${setup}\r\n`)
      .replace(/^a=fingerprint:.*\r?\n/gm, `a=fingerprint:sha-256 ${Array(32).fill('5A').join(':')}\r\n`);
  }

  // A check as RFC 8445 §7.2.2 wants it; what is given replaces its parts.
  check({ username = `${this.remote.ufrag}:${this.ufrag}`, key = this.remote.pwd, role = [stun.CONTROLLED, stun.u64(1)], priority = 0x6e0001ff, extra = [], ...rest } = {}) {
    const attrs = [...(username === null ? [] : [[stun.USERNAME, username]]), ...(role ? [role] : []), ...(priority === null ? [] : [[stun.PRIORITY, stun.u32(priority)]]), ...extra];
    return stun.encode({ attrs, key: key === null ? undefined : key, ...rest });
  }

  // The right answer to one of rill's checks.
  success(d, { key = this.pwd, ...rest } = {}) {
    return stun.encode({ cls: stun.SUCCESS, txid: Buffer.from(d.stun.txid, 'hex'), attrs: [[stun.XOR_MAPPED_ADDRESS, stun.xorMapped(d.from.address, d.from.port)]], key, ...rest });
  }

  refusal(d, code, reason = 'No') {
    return stun.encode({ cls: stun.ERROR, txid: Buffer.from(d.stun.txid, 'hex'), attrs: [[stun.ERROR_CODE, Buffer.concat([Buffer.from([0, 0, Math.floor(code / 100), code % 100]), Buffer.from(reason)])]], key: this.pwd });
  }

  // From now on every check on this socket is answered as it should be.
  obey(u) {
    u.onDatagram = (d) => d.stun?.cls === stun.REQUEST && u.send(this.success(d), d.from);
  }
}
