// A WebSocket client down to its bytes (RFC 6455): it sends what a test wants, right or wrong, and
// keeps every frame that comes.
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

export const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

// One frame as a client sends it.
export function frame(opcode, payload = '', { fin = true, masked = true, rsv = 0, size } = {}) {
  const body = Buffer.from(payload);
  const n = body.length;
  const form = size ?? (n < 126 ? 7 : n < 65536 ? 16 : 64);
  const head = Buffer.alloc(form === 7 ? 2 : form === 16 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (form === 7 ? n : form === 16 ? 126 : 127);
  if (form === 16) head.writeUInt16BE(n, 2);
  if (form === 64) head.writeBigUInt64BE(BigInt(n), 2);
  if (!masked) return Buffer.concat([head, body]);
  const key = randomBytes(4);
  return Buffer.concat([head, key, Buffer.from(body.map((b, i) => b ^ key[i % 4]))]);
}

// A TCP connection, or TLS when the URL is an https: one, that remembers all that it was told, and
// when it ended.
export class Raw {
  constructor(url) {
    const { hostname, port, protocol } = new URL(url);
    this.host = `${hostname}:${port}`;
    this.bytes = Buffer.alloc(0);
    this.waiting = [];
    this.socket = protocol === 'https:' ? connectTls({ port, host: hostname, ca: Raw.ca }) : connect(Number(port), hostname);
    this.socket.on('data', (b) => {
      this.bytes = Buffer.concat([this.bytes, b]);
      this.wake();
    });
    this.ended = new Promise((done) => {
      for (const e of ['close', 'error']) this.socket.on(e, () => { this.over = true; this.wake(); done(); });
    });
  }

  wake() {
    this.waiting = this.waiting.filter((w) => !w());
  }

  send(bytes) {
    this.socket.write(bytes);
    return this;
  }

  close() {
    this.socket.destroy();
    return this.ended;
  }

  // What test() gives once it is not undefined; fails after ms, or when the connection is over.
  until(test, ms = 5000, what = 'bytes') {
    return new Promise((ok, fail) => {
      const timer = setTimeout(() => fail(new Error(`no ${what} within ${ms} ms; got ${JSON.stringify(this.bytes.toString('latin1').slice(0, 300))}`)), ms);
      const look = () => {
        const got = test();
        if (got === undefined && !this.over) return false;
        clearTimeout(timer);
        if (got === undefined) fail(new Error(`the connection ended before ${what} came`));
        else ok(got);
        return true;
      };
      if (!look()) this.waiting.push(look);
    });
  }

  // The head of the answer, as text; what is behind it stays.
  head(ms) {
    return this.until(() => {
      const end = this.bytes.indexOf('\r\n\r\n');
      if (end < 0) return undefined;
      const head = this.bytes.toString('latin1', 0, end + 4);
      this.bytes = this.bytes.subarray(end + 4);
      return head;
    }, ms, 'head of an answer');
  }
}

export class WebSocketClient extends Raw {
  static async open(t, url, headers = {}) {
    const ws = new WebSocketClient(url);
    t.after(() => ws.close());
    const key = randomBytes(16).toString('base64');
    const all = { Host: ws.host, Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Key': key, 'Sec-WebSocket-Version': 13, ...headers };
    ws.send(`GET /ws HTTP/1.1\r\n${Object.entries(all).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`);
    ws.answer = await ws.head();
    ws.accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    return ws;
  }

  // The next frame from the server.
  next(ms) {
    return this.until(() => {
      const b = this.bytes;
      if (b.length < 2) return undefined;
      const short = b[1] & 0x7f;
      const at = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (b.length < at) return undefined;
      const n = short === 126 ? b.readUInt16BE(2) : short === 127 ? Number(b.readBigUInt64BE(2)) : short;
      if (b.length < at + n) return undefined;
      this.bytes = b.subarray(at + n);
      return { opcode: b[0] & 15, fin: b[0] >= 0x80, rsv: (b[0] >> 4) & 7, masked: b[1] >= 0x80, payload: Buffer.from(b.subarray(at, at + n)) };
    }, ms, 'frame');
  }

  // The next message of rill's vocabulary; pings are answered on the way.
  async message(ms) {
    for (;;) {
      const f = await this.next(ms);
      if (f.opcode === PING) this.send(frame(PONG, f.payload));
      else if (f.opcode === TEXT) return JSON.parse(f.payload);
      else throw new Error(`frame ${f.opcode}: ${f.payload.length > 1 ? f.payload.readUInt16BE(0) : ''} ${f.payload.subarray(2)}`);
    }
  }

  // The first message of this event, others on the way are left out.
  async event(name, ms) {
    for (;;) {
      const m = await this.message(ms);
      if (m[0] === name) return m;
      if (m[0] === 'error') throw new Error(m.join(' '));
    }
  }

  say(...message) {
    return this.send(frame(TEXT, JSON.stringify(message)));
  }

  // Answers the close frame that ends it and gives its code, null without one; undefined when the connection just ends.
  async closed(ms = 5000) {
    try {
      for (;;) {
        const f = await this.next(ms);
        if (f.opcode !== CLOSE) continue;
        this.send(frame(CLOSE, f.payload));
        return f.payload.length >= 2 ? f.payload.readUInt16BE(0) : null;
      }
    } catch (e) {
      if (this.over) return undefined;
      throw e;
    }
  }
}
