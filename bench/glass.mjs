// Glass to glass: two X servers whose pixels are files (Xvfb -fbdir). On the one pictures are shown that bear their
// number in cells, as capture/testsrc.h has them; the other is looked at until the number appears there.
import { spawn } from 'node:child_process';
import { openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const now = () => Number(process.hrtime.bigint() / 1000n);

// A server; its pixels lie in the file behind a head (XWD). width and height are the screen's.
export async function screen(dir, width, height, keep) {
  const x = spawn('Xvfb', ['-displayfd', '3', '-fbdir', dir, '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp',
    '-noreset', '-nocursor'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  keep(x);
  const display = await new Promise((ok, fail) => {
    x.on('error', fail);
    x.stdio[3].once('data', (d) => ok(Number(d)));
  });
  const path = join(dir, 'Xvfb_screen0');
  const fd = openSync(path, 'r+');
  const head = Buffer.alloc(100);
  readSync(fd, head, 0, 100, 0);
  return { display, path, fd, width, height, at: head.readUInt32BE(0) + head.readUInt32BE(76) * 12 };
}

function checksum(n) {
  let crc = 0x5a;
  for (let bit = 23; bit >= 0; bit--) {
    const out = ((crc >> 7) ^ (n >> bit)) & 1;
    crc = ((crc << 1) ^ (out ? 7 : 0)) & 0xff;
  }
  return crc;
}

// Two rows of 16 cells in the lowest sixth, most significant bit first.
function drawNumber(p, n, width, height) {
  const word = (BigInt(n) << 8n) | BigInt(checksum(n));
  for (let row = 0; row < 2; row++) {
    const [top, end] = [0, 1].map((k) => Math.floor((height * (10 + row + k)) / 12));
    for (let column = 0; column < 16; column++) {
      const [left, right] = [0, 1].map((k) => Math.floor((width * (column + k)) / 16));
      p.fill((word >> BigInt(31 - row * 16 - column)) & 1n ? 0xff : 0, (top * width + left) * 4, (top * width + right) * 4);
    }
    for (let y = top + 1; y < end; y++) p.copyWithin(y * width * 4, top * width * 4, (top + 1) * width * 4);
  }
}

// A slope that scrolls, with grain that stays: something to encode in each picture. shown[n]: when number n was, µs.
export function animate(s, rate) {
  const { width, height } = s;
  const pictures = Array.from({ length: 16 }, (_, k) => {
    const p = Buffer.alloc(width * height * 4);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const grain = ((x * 7919 + y * 104729) >> 3) & 15;
        p.writeUInt32LE((((x + k * 16) & 255) << 16) | ((y & 255) << 8) | (((x ^ y) >> 2 & 127) + grain), (y * width + x) * 4);
      }
    return p;
  });
  const shown = [];
  const timer = setInterval(() => {
    const p = pictures[shown.length % 16];
    drawNumber(p, shown.length, width, height);
    writeSync(s.fd, p, 0, p.length, s.at);
    shown.push(now());
  }, 1000 / rate);
  return { shown, stop: () => clearInterval(timer) };
}

// From now on, what numbers appear on s in a picture of this size, and when: a window lies in the corner or, where
// no window manager is, where a smaller one lay in the middle. Gives a function that ends it and gives them.
export function watch(s, width, height) {
  const w = new Worker(new URL(import.meta.url), { workerData: { ...s, picture: [width, height], corners: [[0, 0], [(s.width - 640) / 2, (s.height - 480) / 2]] } });
  return () => new Promise((ok) => {
    w.once('message', (seen) => ok(seen));
    w.postMessage('end');
  });
}

function look() {
  const { path, at, width, picture: [across, down], corners } = workerData;
  const fd = openSync(path, 'r');
  const line = Buffer.alloc(across * 4);
  const seen = new Map();
  const read = ([left, top]) => {
    let word = 0n;
    for (let row = 0; row < 2; row++) {
      const y = top + Math.floor((down * (10.5 + row)) / 12);
      if (readSync(fd, line, 0, line.length, at + (y * width + left) * 4) < line.length) return -1;
      for (let column = 0; column < 16; column++) {
        const v = line[Math.floor((across * (column + 0.5)) / 16) * 4 + 1];
        if (v > 80 && v < 175) return -1;
        word = (word << 1n) | (v >= 175 ? 1n : 0n);
      }
    }
    const n = Number(word >> 8n);
    return checksum(n) === Number(word & 0xffn) ? n : -1;
  };
  const timer = setInterval(() => {
    for (const c of corners) {
      const n = read(c);
      if (n >= 0 && !seen.has(n)) seen.set(n, now());
    }
  }, 1);
  parentPort.once('message', () => {
    clearInterval(timer);
    parentPort.postMessage(seen);
  });
}

if (!isMainThread) look();
